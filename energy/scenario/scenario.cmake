# Sources of energy/scenario, relative to energy/.
