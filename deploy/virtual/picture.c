/* A page's picture, mapped into memory and sampled line by line. */
#define _DEFAULT_SOURCE
#include "picture.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define LID 255
#define HAIR 1e-3 /* pixels; SANE's fixed-point millimetres are off by up to a fifth of it */

/* Read one number of a PPM header (netpbm, "ppm"), skipping white space and comments; -1 if there is none. */
static int header_number(const unsigned char **at, const unsigned char *end)
{
    int number = -1;
    for (; *at < end; ++*at) {
        if (**at >= '0' && **at <= '9')
            number = (number < 0 ? 0 : number > 99999 ? 99999 : number) * 10 + (**at - '0');
        else if (number >= 0)
            return number;
        else if (**at == '#')
            while (*at + 1 < end && **at != '\n')
                ++*at;
    }
    return -1;
}

static bool map_file(struct picture *p, const char *path)
{
    struct stat facts;
    void *map = MAP_FAILED;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    if (fstat(file, &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_size > 8)
        map = mmap(NULL, (size_t)facts.st_size, PROT_READ, MAP_SHARED, file, 0);
    close(file);
    if (map == MAP_FAILED)
        return false;
    *p = (struct picture){.map = map, .map_size = (size_t)facts.st_size};
    return true;
}

static bool read_header(struct picture *p)
{
    const unsigned char *at = p->map + 2, *end = p->map + p->map_size;
    p->width = header_number(&at, end);
    p->height = header_number(&at, end);
    int brightest = header_number(&at, end);
    p->pixels = at + 1;
    return !memcmp(p->map, "P6", 2) && p->width > 0 && p->height > 0 && brightest == 255 && at < end
        && (size_t)(end - p->pixels) / 3 / (size_t)p->width >= (size_t)p->height;
}

bool picture_open(struct picture *picture, const char *path)
{
    bool mapped = map_file(picture, path);
    if (mapped && read_header(picture))
        return true;
    fprintf(stderr, "oacsim: %s is not a whole binary PPM of 8 bits (P6, 255)\n", path);
    picture_close(picture);
    return false;
}

void picture_close(struct picture *picture)
{
    if (picture->map)
        munmap(picture->map, picture->map_size);
    *picture = (struct picture){0};
}

/* The first and the last+1 pixel under a sample: all that it touches when reducing, the nearest one when enlarging. */
static void find_span(double corner, double step, int index, int span[2])
{
    double from = corner + index * step;
    span[0] = (int)(from + HAIR);
    span[1] = step <= 1 ? span[0] + 1 : (int)(from + step - HAIR) + 1;
}

void picture_line(const struct picture *p, const struct sampling *s, int line, unsigned char *out)
{
    int rows[2], columns[2];
    find_span(s->top, s->step, line, rows);
    rows[1] = rows[1] < p->height ? rows[1] : p->height;
    for (int x = 0; x < s->width; x++) {
        unsigned sum[3] = {0, 0, 0}, count = 0;
        find_span(s->left, s->step, x, columns);
        columns[1] = columns[1] < p->width ? columns[1] : p->width;
        for (int v = rows[0]; v < rows[1]; v++) {
            const unsigned char *pixel = p->pixels + ((size_t)v * (size_t)p->width + (size_t)columns[0]) * 3;
            for (int u = columns[0]; u < columns[1]; u++, pixel += 3, count++)
                for (int c = 0; c < 3; c++)
                    sum[c] += pixel[c];
        }
        for (int c = 0; c < 3; c++)
            sum[c] = count ? (sum[c] + count / 2) / count : LID;
        if (s->color)
            for (int c = 0; c < 3; c++)
                *out++ = (unsigned char)sum[c];
        else /* the luma weights of ITU-R BT.601, in 256ths */
            *out++ = (unsigned char)((77 * sum[0] + 150 * sum[1] + 29 * sum[2]) >> 8);
    }
}
