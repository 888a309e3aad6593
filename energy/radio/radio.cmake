# Sources of energy/radio, relative to energy/.
