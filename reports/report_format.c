#include "report_format.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *report_thousands(char *buffer, uint64_t value)
{
    char digits[32];
    int n = snprintf(digits, sizeof digits, "%llu", (unsigned long long)value);
    char *to = buffer;
    for (int i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0)
            *to++ = ',';
        *to++ = digits[i];
    }
    *to = '\0';
    return buffer;
}

/* Decimals that leave four significant digits of a value of at least 1. */
static int decimals_of_four(double value)
{
    return value < 9.9995 ? 3 : value < 99.995 ? 2 : value < 999.95 ? 1 : 0;
}

const char *report_si(char *buffer, double value)
{
    static const char prefixes[] = " kMGTP";
    size_t prefix = 0;
    if (!isfinite(value) || value < 0.0)
        return report_number(buffer, value);
    while (value >= 999.95 && prefix + 2 < sizeof prefixes) {
        value /= 1000.0;
        prefix++;
    }
    if (prefix == 0)
        snprintf(buffer, REPORT_FORMAT_BYTES, "%.*f", value == floor(value) ? 0 : 2, value);
    else
        snprintf(buffer, REPORT_FORMAT_BYTES, "%.*f %c", decimals_of_four(value), value,
                 prefixes[prefix]);
    return buffer;
}

const char *report_number(char *buffer, double value)
{
    double size = fabs(value);
    if (!isfinite(value))
        snprintf(buffer, REPORT_FORMAT_BYTES, "%s", isnan(value) ? "unknown" : "unlimited");
    else if (size >= 999.95 && size < 1e15 && value > 0)
        report_thousands(buffer, (uint64_t)llround(value));
    else if (size >= 1.0 && size < 1e15)
        snprintf(buffer, REPORT_FORMAT_BYTES, "%.*f", decimals_of_four(size), value);
    else if (value == 0.0)
        snprintf(buffer, REPORT_FORMAT_BYTES, "0");
    else if (size >= 0.001)
        snprintf(buffer, REPORT_FORMAT_BYTES, "%.*f", size >= 0.1 ? 3 : 4, value);
    else
        snprintf(buffer, REPORT_FORMAT_BYTES, "%.3g", value);
    return buffer;
}

const char *report_three_digits(char *buffer, double value)
{
    snprintf(buffer, REPORT_FORMAT_BYTES, "%.*f", value < 9.995 ? 2 : value < 99.95 ? 1 : 0, value);
    return buffer;
}

const char *report_duration(char *buffer, double s)
{
    static const struct {
        double s, from_s; /* 999.5 ms are 1 s to three digits */
        const char *unit;
    } units[] = {{86400.0, 345600.0, "d"}, {3600.0, 3600.0, "h"},   {60.0, 600.0, "min"},
                 {1.0, 0.9995, "s"},       {1e-3, 0.9995e-3, "ms"}, {1e-6, 0.0, "us"}};
    size_t i = 0;
    if (!(s > 0.0) || !isfinite(s)) {
        snprintf(buffer, REPORT_FORMAT_BYTES, "%s", s > 0.0 ? "for ever" : "-");
        return buffer;
    }
    while (i + 1 < sizeof units / sizeof units[0] && s < units[i].from_s)
        i++;
    snprintf(buffer, REPORT_FORMAT_BYTES, "%.3g %s", s / units[i].s, units[i].unit);
    return buffer;
}

const char *report_bar(char *buffer, double fraction, unsigned cells, int utf8)
{
    static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    char *to = buffer;
    *to = '\0';
    if (cells > 40)
        cells = 40;
    if (!(fraction > 0.0))
        return buffer;
    if (fraction > 1.0)
        fraction = 1.0;
    unsigned steps = (unsigned)lround(fraction * cells * (utf8 ? 8 : 1));
    unsigned whole = utf8 ? steps / 8 : steps;
    for (unsigned i = 0; i < whole; i++)
        to = stpcpy(to, utf8 ? "█" : "#");
    if (utf8)
        stpcpy(to, eighths[steps % 8]);
    return buffer;
}

int report_utf8_terminal(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = getenv(names[i]);
        if (value && value[0])
            return strcasestr(value, "utf-8") != NULL || strcasestr(value, "utf8") != NULL;
    }
    return 0;
}

/* Length of the valid UTF-8 sequence at s (overlong forms, surrogates and values past U+10FFFF
 * excluded), 0 when there is none. Never reads past a terminating zero. */
static size_t utf8_sequence(const unsigned char *s)
{
    size_t n;
    unsigned char low = 0x80, high = 0xBF;
    if (s[0] < 0x80)
        return 1;
    if (s[0] < 0xC2 || s[0] > 0xF4)
        return 0;
    n = s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;
    if (s[0] == 0xE0)
        low = 0xA0;
    else if (s[0] == 0xED)
        high = 0x9F;
    else if (s[0] == 0xF0)
        low = 0x90;
    else if (s[0] == 0xF4)
        high = 0x8F;
    if (s[1] < low || s[1] > high)
        return 0;
    for (size_t i = 2; i < n; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    }
    return n;
}

enum { KEEP_CONTROLS = 1, KEEP_UNICODE = 2 };

static int is_control(const unsigned char *s, size_t n)
{
    return s[0] < 0x20 || s[0] == 0x7F || (n == 2 && s[0] == 0xC2 && s[1] < 0xA0);
}

static const char *clean(char *to, size_t size, const char *from, int keep)
{
    size_t used = 0;
    for (const unsigned char *s = (const unsigned char *)from; *s;) {
        size_t n = utf8_sequence(s);
        size_t step = n ? n : 1;
        const char *put = (const char *)s;
        if (n == 0) {
            put = "\xEF\xBF\xBD";
            n = 3;
        }
        if ((!(keep & KEEP_CONTROLS) && is_control(s, n)) || (!(keep & KEEP_UNICODE) && n > 1)) {
            put = "?";
            n = 1;
        }
        if (used + n >= size)
            break;
        memcpy(to + used, put, n);
        used += n;
        s += step;
    }
    to[used] = '\0';
    return to;
}

const char *report_valid_utf8(char *to, size_t size, const char *from)
{
    return clean(to, size, from, KEEP_CONTROLS | KEEP_UNICODE);
}

const char *report_printable(char *to, size_t size, const char *from, int utf8)
{
    return clean(to, size, from, utf8 ? KEEP_UNICODE : 0);
}
