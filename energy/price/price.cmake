# Sources of energy/price, relative to energy/.
