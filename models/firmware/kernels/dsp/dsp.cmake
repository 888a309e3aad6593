# Sources of the dsp variant, relative to this folder.
set(DSP_KERNELS kernels.c dsp_requant.c dsp_mac.c conv.c fully_connected.c depthwise_conv.c
                depthwise_planes.c add.c average_pool.c)
