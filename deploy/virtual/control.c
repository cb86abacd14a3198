#define _DEFAULT_SOURCE
#include "control.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *control(char *path, const char *name)
{
    const char *directory = getenv("OACSIM_DIR");
    snprintf(path, PATH_MAX, "%s/%s", directory ? directory : "/nonexistent", name);
    return path;
}

SANE_Bool unplugged(void)
{
    char path[PATH_MAX];
    return access(control(path, "."), X_OK) != 0 || access(control(path, "unplugged"), F_OK) == 0;
}

SANE_Status trouble(int lines)
{
    static const struct { const char *name; SANE_Status status; } faults[] = {
        {"jam", SANE_STATUS_JAMMED}, {"cover_open", SANE_STATUS_COVER_OPEN}, {"no_docs", SANE_STATUS_NO_DOCS},
        {"io_error", SANE_STATUS_IO_ERROR}, {"busy", SANE_STATUS_DEVICE_BUSY},
    };
    char path[PATH_MAX], name[32] = "";
    int after = 0;
    if (unplugged())
        return SANE_STATUS_IO_ERROR;
    FILE *file = fopen(control(path, "fault"), "r");
    if (!file)
        return SANE_STATUS_GOOD;
    int read = fscanf(file, "%31s @%d", name, &after);
    fclose(file);
    if (read < 1 || lines < after)
        return SANE_STATUS_GOOD;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        if (!strcmp(name, faults[i].name))
            return faults[i].status;
    fprintf(stderr, "oacsim: unknown fault '%s' in %s\n", name, path);
    return SANE_STATUS_INVAL;
}

double pace(bool is_later)
{
    char path[PATH_MAX];
    double seconds = 0, later = 0;
    FILE *file = fopen(control(path, "pace"), "r");
    if (file) {
        int told = fscanf(file, "%lf %lf", &seconds, &later);
        if (told == 2 && is_later)
            seconds = later;
        if (told < 1 || !(seconds >= 0))
            seconds = 0;
        fclose(file);
    }
    return seconds;
}

bool next_sheet(char sheet[SHEET_MAX])
{
    char path[PATH_MAX], first[NAME_MAX + 1] = "";
    DIR *feeder = opendir(control(path, "feeder"));
    struct dirent *entry;
    while (feeder && (entry = readdir(feeder)) != NULL) {
        const char *end = strrchr(entry->d_name, '.');
        if (end && end != entry->d_name && !strcmp(end, ".ppm")
            && (!first[0] || strcmp(entry->d_name, first) < 0))
            snprintf(first, sizeof first, "%s", entry->d_name);
    }
    if (feeder)
        closedir(feeder);
    snprintf(sheet, SHEET_MAX, first[0] ? "feeder/%s" : "%s", first);
    return first[0];
}

void note_first_line(void)
{
    char path[PATH_MAX];
    FILE *file = fopen(control(path, "first-line"), "w");
    if (file) {
        fputc('\n', file);
        fclose(file);
    }
}
