set(SCALAR_KERNELS kernels.c add.c average_pool.c conv.c depthwise_conv.c window.c)
