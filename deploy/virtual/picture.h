/* A page's picture, mapped into memory and sampled line by line. */
#ifndef OAC_PICTURE_H
#define OAC_PICTURE_H

#include <stdbool.h>
#include <stddef.h>

#define PICTURE_DPI 300 /* what a picture's pixels stand for */

struct picture { /* all zero is no picture: everything sampled from it is white */
    unsigned char *map;
    size_t map_size;
    const unsigned char *pixels;
    int width, height;
};

struct sampling {
    double left, top; /* the area's corner, in picture pixels */
    double step;      /* picture pixels per sample: above 1 reduces, below 1 enlarges */
    int width;        /* samples per line */
    bool color;       /* three bytes per sample, else one of luma */
};

/* Map a binary PPM (P6, 8 bits); say on stderr what is wrong with it. Nothing is left open on failure. */
bool picture_open(struct picture *picture, const char *path);
void picture_close(struct picture *picture);

/* Write one line of samples; what lies outside the picture is the white of a scanner's lid. */
void picture_line(const struct picture *picture, const struct sampling *sampling, int line, unsigned char *out);

#endif
