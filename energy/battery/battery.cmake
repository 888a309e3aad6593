# Sources of energy/battery, relative to energy/.
