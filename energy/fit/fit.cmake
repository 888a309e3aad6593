# Sources of energy/fit, relative to energy/.
