/* The control directory: what the virtual scanner is told, and tells. */
#ifndef OAC_CONTROL_H
#define OAC_CONTROL_H

#include <limits.h>
#include <stdbool.h>

#include <sane/sane.h>

#define SHEET_MAX (NAME_MAX + sizeof "feeder/")

/* The path of a name in the directory, written to `path` (PATH_MAX bytes) and returned. */
const char *control(char *path, const char *name);

SANE_Bool unplugged(void);

/* The status that the directory asks for now that so many lines were delivered. */
SANE_Status trouble(int lines);

/* Seconds that an A4 page takes at 300 dpi; those after a scan's first page may have a pace of their own. */
double pace(bool is_later);

/* Find the feeder's next sheet, as a name in the directory. */
bool next_sheet(char sheet[SHEET_MAX]);

/* Leave a mark that a page's first line is ready. */
void note_first_line(void);

#endif
