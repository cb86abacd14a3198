/* A SANE backend without hardware: it scans the page pictures it finds in a control directory.
 *
 * The directory is named by the environment variable OACSIM_DIR and is read live:
 *
 *   glass.ppm     the page on the glass (binary PPM, P6, 300 dpi); without it the glass is bare: a white page
 *   feeder/ *.ppm the sheets in the feeder, taken in name order; a sheet that went through is removed
 *   lineart       while it exists a scanner that is opened knows black and white alone
 *   ald           while it exists a scanner that is opened can end the feeder's pages where their sheets end
 *   pace          seconds an A4 page takes at 300 dpi; 0 or absent is as fast as possible. A second number is
 *                 for the pages after the first one since the scanner was opened
 *   fault         jam, cover_open, no_docs, io_error or busy strikes at the start of a scan or in it;
 *                 "jam @1200" strikes after 1200 lines of it
 *   unplugged     while it exists the device is gone: not listed, not opened, and a scan under way breaks
 *   first-line    written by us: when it was changed is when the last page's first line was ready
 *
 * Pictures must be replaced by renaming, never rewritten in place: they are mapped while they are scanned.
 * The interface is the SANE standard 1.06 (sane-project.gitlab.io/standard). One scan at a time, as with a
 * real device: a lock on the directory makes a second open "busy", and is gone with the process.
 */
#define _DEFAULT_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include <sane/sane.h>
#include <sane/saneopts.h>

#include "control.h"
#include "picture.h"

#define EXPORTED __attribute__((visibility("default")))
#define A4_MM 297.0
#define BAND 16             /* lines that arrive together, as a carriage's buffer empties */
#define NAP 0.05            /* seconds: the longest wait before a cancel or a fault is noticed */
#define READ_MAX 65536      /* bytes: the most that one sane_read gives */

enum { OPT_COUNT, OPT_MODE, OPT_RESOLUTION, OPT_SOURCE, OPT_TL_X, OPT_TL_Y, OPT_BR_X, OPT_BR_Y, OPT_ALD,
    OPTIONS };

enum { LINEART, GRAY, COLOR }; /* places in the list of modes */

static const SANE_String_Const modes[] = {SANE_VALUE_SCAN_MODE_LINEART, SANE_VALUE_SCAN_MODE_GRAY,
                                          SANE_VALUE_SCAN_MODE_COLOR, NULL};
static const SANE_String_Const black_only[] = {SANE_VALUE_SCAN_MODE_LINEART, NULL};
static const SANE_String_Const sources[] = {"Flatbed", "ADF", "ADF Duplex", NULL};
static const SANE_Word resolutions[] = {9, 75, 100, 150, 200, 240, 300, 400, 600, 1200};
static const SANE_Range across = {0, SANE_FIX(215.9), 0};
static const SANE_Range along = {0, SANE_FIX(297.0), 0};

#define CAN (SANE_CAP_SOFT_SELECT | SANE_CAP_SOFT_DETECT)
#define CHOICE(NAME, LIST) {SANE_NAME_##NAME, SANE_TITLE_##NAME, SANE_DESC_##NAME, SANE_TYPE_STRING, \
    SANE_UNIT_NONE, 16, CAN, SANE_CONSTRAINT_STRING_LIST, {.string_list = LIST}}
#define EDGE(NAME, RANGE) {SANE_NAME_##NAME, SANE_TITLE_##NAME, SANE_DESC_##NAME, SANE_TYPE_FIXED, \
    SANE_UNIT_MM, sizeof(SANE_Word), CAN, SANE_CONSTRAINT_RANGE, {.range = &RANGE}}

static SANE_Option_Descriptor options[OPTIONS] = {
    {SANE_NAME_NUM_OPTIONS, SANE_TITLE_NUM_OPTIONS, SANE_DESC_NUM_OPTIONS, SANE_TYPE_INT, SANE_UNIT_NONE,
     sizeof(SANE_Word), SANE_CAP_SOFT_DETECT, SANE_CONSTRAINT_NONE, {NULL}},
    CHOICE(SCAN_MODE, modes),
    {SANE_NAME_SCAN_RESOLUTION, SANE_TITLE_SCAN_RESOLUTION, SANE_DESC_SCAN_RESOLUTION, SANE_TYPE_INT,
     SANE_UNIT_DPI, sizeof(SANE_Word), CAN, SANE_CONSTRAINT_WORD_LIST, {.word_list = resolutions}},
    CHOICE(SCAN_SOURCE, sources),
    EDGE(SCAN_TL_X, across), EDGE(SCAN_TL_Y, along), EDGE(SCAN_BR_X, across), EDGE(SCAN_BR_Y, along),
    {"ald", "Auto length detection", "The feeder ends a page where its sheet ends", SANE_TYPE_BOOL,
     SANE_UNIT_NONE, sizeof(SANE_Word), CAN, SANE_CONSTRAINT_NONE, {NULL}},
};

static struct scanner {
    int lock;                    /* descriptor of the locked directory; -1 while closed */
    SANE_Word value[OPTIONS];    /* for a list of texts, the index into it */
    SANE_Parameters form;        /* of the scan under way; its lines are those that will come */
    SANE_Bool scanning;
    atomic_bool cancelled;       /* sane_cancel comes from signal handlers and other threads */
    char sheet[SHEET_MAX];       /* the feeder's sheet under way; empty on the glass */
    struct picture picture;      /* without pixels for a bare glass */
    struct sampling sampling;
    double start, line_time;     /* seconds */
    unsigned char *line;         /* one line of output */
    int lines_made, offset;      /* lines rendered so far; bytes of the last one that were delivered */
    int pages;                   /* begun since it was opened */
} scanner = {.lock = -1};

/* ---- The page under the lamp. */

/* End the page: a sheet that was fed goes out at the other side, unless it stuck. */
static void end_page(struct scanner *s, SANE_Bool out)
{
    char path[PATH_MAX];
    if (out && s->sheet[0])
        unlink(control(path, s->sheet));
    s->sheet[0] = '\0';
    picture_close(&s->picture);
    free(s->line);
    s->line = NULL;
    s->scanning = SANE_FALSE;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Wait for the lamp to have passed the next line; any other status than GOOD ends the page. */
static SANE_Status wait_for_line(struct scanner *s)
{
    for (;;) {
        if (s->cancelled)
            return SANE_STATUS_CANCELLED;
        SANE_Status status = trouble(s->lines_made);
        if (status != SANE_STATUS_GOOD)
            return status;
        int band = (s->lines_made / BAND + 1) * BAND;
        double wait = s->start + (band < s->form.lines ? band : s->form.lines) * s->line_time - now();
        if (wait <= 0)
            return SANE_STATUS_GOOD;
        struct timespec nap = {0, (long)((wait < NAP ? wait : NAP) * 1e9)};
        nanosleep(&nap, NULL); /* a signal, often the cancel itself, ends the nap early */
    }
}

/* ---- The SANE interface. */

static SANE_Bool ends_with_sheet(const struct scanner *s)
{
    return s->value[OPT_ALD] && s->value[OPT_SOURCE];
}

static void measure(const struct scanner *s, SANE_Parameters *form)
{
    double scale = s->value[OPT_RESOLUTION] / 25.4;
    SANE_Word mode = s->value[OPT_MODE];
    form->format = mode == COLOR ? SANE_FRAME_RGB : SANE_FRAME_GRAY;
    form->last_frame = SANE_TRUE;
    form->depth = mode == LINEART ? 1 : 8;
    form->pixels_per_line = (int)(SANE_UNFIX(s->value[OPT_BR_X] - s->value[OPT_TL_X]) * scale + 0.5);
    form->lines = (int)(SANE_UNFIX(s->value[OPT_BR_Y] - s->value[OPT_TL_Y]) * scale + 0.5);
    form->bytes_per_line = mode == LINEART ? (form->pixels_per_line + 7) / 8
                                           : form->pixels_per_line * (mode == COLOR ? 3 : 1);
}

/* Pack a line of luma into bits: one that is set is ink. */
static void blacken(unsigned char *line, int width)
{
    for (int x = 0, byte = 0; x < width; x++) {
        byte = byte << 1 | (line[x] < 128);
        if (x % 8 == 7 || x == width - 1) {
            line[x / 8] = (unsigned char)(byte << (7 - x % 8));
            byte = 0;
        }
    }
}

EXPORTED SANE_Status sane_oacsim_init(SANE_Int *version, SANE_Auth_Callback authorize)
{
    (void)authorize;
    if (version)
        *version = SANE_VERSION_CODE(1, 0, 1);
    return SANE_STATUS_GOOD;
}

EXPORTED SANE_Status sane_oacsim_get_devices(const SANE_Device ***list, SANE_Bool local)
{
    static const SANE_Device device = {"counter", "OAC", "Virtual scanner", "flatbed scanner"};
    static const SANE_Device *one[] = {&device, NULL}, *none[] = {NULL};
    (void)local;
    *list = unplugged() ? none : one;
    return SANE_STATUS_GOOD;
}

EXPORTED SANE_Status sane_oacsim_open(SANE_String_Const name, SANE_Handle *handle)
{
    char path[PATH_MAX];
    struct scanner *s = &scanner;
    if (name[0] && strcmp(name, "counter"))
        return SANE_STATUS_INVAL;
    int lock = unplugged() ? -1 : open(control(path, "."), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (lock < 0)
        return SANE_STATUS_IO_ERROR;
    if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
        close(lock);
        return SANE_STATUS_DEVICE_BUSY;
    }
    *s = (struct scanner){.lock = lock, .value = {OPTIONS, COLOR, 300, 0, 0, 0, SANE_FIX(210), SANE_FIX(297)}};
    if (access(control(path, "lineart"), F_OK) == 0)
        s->value[OPT_MODE] = LINEART;
    options[OPT_ALD].cap = access(control(path, "ald"), F_OK) == 0 ? CAN : CAN | SANE_CAP_INACTIVE;
    options[OPT_MODE].constraint.string_list = s->value[OPT_MODE] == LINEART ? black_only : modes;
    *handle = s;
    return SANE_STATUS_GOOD;
}

EXPORTED const SANE_Option_Descriptor *sane_oacsim_get_option_descriptor(SANE_Handle handle, SANE_Int option)
{
    (void)handle;
    return option >= 0 && option < OPTIONS ? &options[option] : NULL;
}

/* Bring a wanted value into the option's list or range, as the standard (4.3.6) asks; say if it had to change. */
static SANE_Status constrain(SANE_Int option, const void *wanted, SANE_Word *value, SANE_Int *info)
{
    const SANE_Option_Descriptor *o = &options[option];
    if (o->constraint_type == SANE_CONSTRAINT_STRING_LIST) {
        for (int i = 0; o->constraint.string_list[i]; i++)
            if (!strcasecmp(wanted, o->constraint.string_list[i])) {
                *value = i;
                return SANE_STATUS_GOOD;
            }
        return SANE_STATUS_INVAL;
    }
    SANE_Word asked = *(const SANE_Word *)wanted, near = asked;
    if (o->type == SANE_TYPE_BOOL) {
        near = asked ? SANE_TRUE : SANE_FALSE;
    } else if (o->constraint_type == SANE_CONSTRAINT_RANGE) {
        near = asked < o->constraint.range->min ? o->constraint.range->min : asked;
        near = near > o->constraint.range->max ? o->constraint.range->max : near;
    } else {
        const SANE_Word *list = o->constraint.word_list;
        near = list[1];
        for (int i = 2; i <= list[0]; i++)
            if (llabs((long long)asked - list[i]) < llabs((long long)asked - near))
                near = list[i];
    }
    *info |= near == asked ? 0 : SANE_INFO_INEXACT;
    *value = near;
    return SANE_STATUS_GOOD;
}

EXPORTED SANE_Status sane_oacsim_control_option(SANE_Handle handle, SANE_Int option, SANE_Action action,
                                                void *value, SANE_Int *info)
{
    struct scanner *s = handle;
    SANE_Int changed = SANE_INFO_RELOAD_PARAMS;
    if (option < 0 || option >= OPTIONS || !value || action == SANE_ACTION_SET_AUTO)
        return SANE_STATUS_INVAL;
    if (action == SANE_ACTION_GET_VALUE) {
        if (options[option].type == SANE_TYPE_STRING)
            strcpy(value, options[option].constraint.string_list[s->value[option]]);
        else
            *(SANE_Word *)value = s->value[option];
        return SANE_STATUS_GOOD;
    }
    if (option == OPT_COUNT)
        return SANE_STATUS_INVAL;
    if (s->scanning && !s->cancelled)
        return SANE_STATUS_DEVICE_BUSY;
    SANE_Status status = constrain(option, value, &s->value[option], &changed);
    if (status == SANE_STATUS_GOOD && info)
        *info = changed;
    return status;
}

EXPORTED SANE_Status sane_oacsim_get_parameters(SANE_Handle handle, SANE_Parameters *form)
{
    struct scanner *s = handle;
    if (s->scanning)
        *form = s->form;
    else
        measure(s, form);
    if (ends_with_sheet(s))
        form->lines = -1; /* as the standard (4.3.8) has it: nobody knows before the sheet's end */
    return SANE_STATUS_GOOD;
}

EXPORTED SANE_Status sane_oacsim_start(SANE_Handle handle)
{
    struct scanner *s = handle;
    char path[PATH_MAX];
    if (s->scanning && !s->cancelled)
        return SANE_STATUS_DEVICE_BUSY;
    end_page(s, SANE_TRUE);
    s->cancelled = false;
    SANE_Status status = trouble(0);
    measure(s, &s->form);
    if (status != SANE_STATUS_GOOD || s->form.pixels_per_line < 1 || s->form.lines < 1)
        return status != SANE_STATUS_GOOD ? status : SANE_STATUS_INVAL;
    if (s->value[OPT_SOURCE] && !next_sheet(s->sheet))
        return SANE_STATUS_NO_DOCS;
    control(path, s->sheet[0] ? s->sheet : "glass.ppm");
    if (access(path, F_OK) == 0 && !picture_open(&s->picture, path))
        status = SANE_STATUS_IO_ERROR;
    s->line = malloc((size_t)s->form.pixels_per_line * 3);
    if (status != SANE_STATUS_GOOD || !s->line) {
        end_page(s, SANE_FALSE);
        return status != SANE_STATUS_GOOD ? status : SANE_STATUS_NO_MEM;
    }
    double dpi = s->value[OPT_RESOLUTION], slow = dpi / PICTURE_DPI;
    int sheet_lines = (int)((s->picture.height - SANE_UNFIX(s->value[OPT_TL_Y]) * PICTURE_DPI / 25.4) * slow + 0.5);
    if (ends_with_sheet(s) && sheet_lines < s->form.lines)
        s->form.lines = sheet_lines > 1 ? sheet_lines : 1;
    s->sampling = (struct sampling){.left = SANE_UNFIX(s->value[OPT_TL_X]) * PICTURE_DPI / 25.4,
                                    .top = SANE_UNFIX(s->value[OPT_TL_Y]) * PICTURE_DPI / 25.4,
                                    .step = PICTURE_DPI / dpi, .width = s->form.pixels_per_line,
                                    .color = s->form.format == SANE_FRAME_RGB};
    /* A carriage slows down with the resolution, but has a top speed: here that of 100 dpi. */
    s->line_time = pace(s->pages++ > 0) * (slow < 1.0 / 3 ? 1.0 / 3 : slow) / A4_MM * 25.4 / dpi;
    s->start = now();
    s->lines_made = 0;
    s->offset = s->form.bytes_per_line;
    s->scanning = SANE_TRUE;
    return SANE_STATUS_GOOD;
}

EXPORTED SANE_Status sane_oacsim_read(SANE_Handle handle, SANE_Byte *data, SANE_Int most, SANE_Int *length)
{
    struct scanner *s = handle;
    SANE_Status status = SANE_STATUS_GOOD;
    *length = 0;
    if (!s->scanning)
        return s->cancelled ? SANE_STATUS_CANCELLED : SANE_STATUS_EOF;
    most = most > READ_MAX ? READ_MAX : most;
    while (*length < most) {
        if (s->offset == s->form.bytes_per_line) {
            SANE_Bool band_starts = s->line_time > 0 && s->lines_made % BAND == 0;
            if (*length > 0 && (s->lines_made == s->form.lines || band_starts))
                break;
            status = s->lines_made == s->form.lines ? SANE_STATUS_EOF : wait_for_line(s);
            if (status != SANE_STATUS_GOOD)
                break;
            picture_line(&s->picture, &s->sampling, s->lines_made++, s->line);
            if (s->form.depth == 1)
                blacken(s->line, s->form.pixels_per_line);
            if (s->lines_made == 1)
                note_first_line();
            s->offset = 0;
        }
        int left = s->form.bytes_per_line - s->offset, part = most - *length < left ? most - *length : left;
        memcpy(data + *length, s->line + s->offset, (size_t)part);
        s->offset += part;
        *length += part;
    }
    if (*length > 0)
        return SANE_STATUS_GOOD; /* what stopped us, if anything, is met again at the next read */
    if (status != SANE_STATUS_GOOD)
        end_page(s, status == SANE_STATUS_EOF || status == SANE_STATUS_CANCELLED);
    return status;
}

EXPORTED void sane_oacsim_cancel(SANE_Handle handle)
{
    ((struct scanner *)handle)->cancelled = true;
}

EXPORTED SANE_Status sane_oacsim_set_io_mode(SANE_Handle handle, SANE_Bool non_blocking)
{
    (void)handle;
    return non_blocking ? SANE_STATUS_UNSUPPORTED : SANE_STATUS_GOOD;
}

EXPORTED void sane_oacsim_close(SANE_Handle handle)
{
    struct scanner *s = handle;
    end_page(s, s->cancelled);
    close(s->lock);
    s->lock = -1;
}

EXPORTED void sane_oacsim_exit(void)
{
    if (scanner.lock >= 0)
        sane_oacsim_close(&scanner);
}
