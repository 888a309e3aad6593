# Battery life: unknowns, battery files, lifetimes.
cc_test(test_unknowns SOURCES test_unknowns.c LIBS cc_energy)
