# Decoding and core timing. Paths are relative to sim/.
add_library(cc_decode STATIC sim_decode.c sim_decode_rules.c)
target_include_directories(cc_decode PUBLIC .)
target_link_libraries(cc_decode PUBLIC cc_profile PRIVATE PkgConfig::CAPSTONE)
