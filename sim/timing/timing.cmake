# Decoding and core timing. Paths are relative to sim/.
add_library(cc_decode STATIC sim_decode.c sim_decode_rules.c sim_disassemble.c)
target_include_directories(cc_decode PUBLIC .)
target_link_libraries(cc_decode PUBLIC cc_profile PRIVATE PkgConfig::CAPSTONE)

add_library(cc_timing STATIC
  timing/timing.c
  timing/timing_m0.c
  timing/timing_m0plus.c
  timing/timing_m3.c
  timing/timing_m33.c
  timing/timing_m34.c
  timing/timing_m4.c
  timing/timing_m7.c
  timing/timing_v6m.c)
target_include_directories(cc_timing PUBLIC . timing)
target_link_libraries(cc_timing PUBLIC cc_profile)
