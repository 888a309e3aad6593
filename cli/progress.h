/* One line of progress on a terminal's standard error, for what takes longer than a second. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

struct cli_progress {
    double start_s, last_s;
    int on; /* standard error is a terminal and progress is wanted */
    int shown;
};

void cli_progress_start(struct cli_progress *progress, int wanted);

/* stage: a few words; fraction 0..1, negative when unknown. user is the struct cli_progress. */
void cli_progress_show(void *user, const char *stage, double fraction);

/* Removes the line. */
void cli_progress_clear(const struct cli_progress *progress);

#endif
