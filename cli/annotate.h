/* Functions of a program by name, for those who want to see their code. */
#ifndef CLI_ANNOTATE_H
#define CLI_ANNOTATE_H

#include "sim_machine.h"

/* CC_ERR_USAGE with the nearest names when the program has no such function. option is for the
 * message: "--annotate". */
enum cc_status cli_find_function(const struct sim_elf *elf, const char *option, const char *name,
                                 struct sim_symbol *function, struct cc_error *err);

#endif
