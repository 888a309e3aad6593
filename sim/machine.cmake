# The emulated chip. Only this library sees Unicorn and libelf.
add_library(cc_sim STATIC
  sim_account.c
  sim_block.c
  sim_call.c
  sim_chip.c
  sim_chip_registers.c
  sim_chip_registers_yaml.c
  sim_chip_waits.c
  sim_chip_yaml.c
  sim_configuration.c
  sim_elf.c
  sim_exceptions.c
  sim_explain.c
  sim_frames.c
  sim_functions.c
  sim_hooks.c
  sim_listing.c
  sim_machine.c
  sim_predictor.c
  sim_reference.c
  sim_registers.c
  sim_spin.c
  sim_system.c
  sim_window.c
  sim_timers.c
  sim_watch.c
  memory/cache.c
  memory/data_path.c
  memory/fetch_path.c
  memory/memory_path.c)
target_include_directories(cc_sim PUBLIC . PRIVATE memory)
target_link_libraries(cc_sim PUBLIC cc_profile
                      PRIVATE cc_timing cc_decode PkgConfig::UNICORN PkgConfig::LIBELF m)
install(DIRECTORY chips DESTINATION ${CMAKE_INSTALL_DATADIR}/coincell/sim
        FILES_MATCHING PATTERN "*.yaml")
