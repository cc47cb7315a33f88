/* The cards behind the stand-in driver: what they draw, and the faults that are ordered of them.
 *
 * Each card draws a square wave of power over CLOCK_BOOTTIME, so that all processes agree. Its
 * energy counter is the exact integral of that wave, quantised to 100 ms as on a real board; its
 * power is the mean of the last second, which is what nvmlDeviceGetPowerUsage means, and its
 * instant power the mean of 25 ms.
 *
 * The file named by FAKENVML_CONTROL is read again whenever it changed. One order per line:
 *
 *   driver CODE             nvmlInit answers CODE (9 not loaded, 18 version mismatch, 4 no permission)
 *   cards N                 how many cards there are (2)
 *   epoch N                 the driver was loaded anew: a process that initialised in another epoch
 *                           gets UNKNOWN from every call, and energy counts from its next init
 *   wave CARD IDLE BUSY S   watts at rest and at work, and the period, half of which is work
 *   set CARD WHAT VALUE     a fixed value: util, temperature, gen, width, tick_ms, gain (what the
 *                           counter counts of a joule), pcie_bits (where its traffic counters wrap),
 *                           limit (the degrees below which it tells a margin),
 *                           gpm (1: has the profiling metrics and NVLink; with MIG
 *                           they are of its instances, not of itself)
 *   field CARD FIELD VALUE  a field that no card has without this: 144, 145 rows of memory, 230 the
 *                           recovery it needs
 *   held CARD FIELD SHARE   the share of all time in which the counter of a field id runs
 *   process CARD PID MIB C|G SM [GI CI]   one process more, with MIG in that instance
 *   mig CARD MODE PENDING   the card has MIG mode, now and after its next reset; in it shares of
 *                           time are not told
 *   instance CARD GI CI G C MIB USED   one compute instance CI more, of GPU instance GI: their
 *                           slices, and the memory of the latter
 *   xid CARD CODE SEQ       an Xid event; another SEQ is another event
 *   name CARD TEXT          what the card calls itself
 *   fault CARD CALL WHAT    CARD may be *, CALL a function's name without "nvml" (of an instance with
 *                           "Mig" before it), "FI:" and a field id, or *; WHAT is an NVML code, "hang" (until the order is gone),
 *                           "crash", or "slow:MS"
 *
 * A card that was lost (code 15) stays lost for a process until it initialises again.
 * FAKENVML_CALLS names a file to which every call adds a line: pid, card or -, function.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { OK = 0, UNINITIALIZED = 1, INVALID = 2, NOT_SUPPORTED = 3, NOT_FOUND = 6, TOO_SMALL = 7,
       TIMEOUT = 10, LOST = 15, VERSION = 25, UNKNOWN = 999 };
enum { CARDS = 16, RULES = 64, PROCESSES = 8, HELD = 8, INSTANCES = 7, NO_CARD = -1, ANY = -2 };
enum { XID_EVENT = 8 };

typedef unsigned int u32;
typedef unsigned long long u64;

typedef struct { u32 pid, sm, gi, ci; u64 bytes; char kind; } process_t;
typedef struct { int gi, ci, g, c, mib, used; } instance_t;
typedef struct {
    double idle, busy, period, tick, gain;
    int util, temperature, limit, gen, width, pcie_bits, gpm, processes, held_fields, xid, xid_seq;
    int mig, mig_pending, instances;
    process_t process[PROCESSES];
    int held_field[HELD];
    double held_share[HELD];
    int told_field[HELD], told_value[HELD], told_fields;
    char name[96];
} card_t;
typedef struct { int card; char call[64], what[32]; } rule_t;

static card_t card[CARDS];
static instance_t instance[CARDS][INSTANCES];
static rule_t rule[RULES];
static int cards, rules, driver, epoch;
static int ready, my_epoch, lost[CARDS];
static double counted_from;
static struct timespec read_at;
static ino_t read_inode;
static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

/* ---------------------------------------------------------------- orders */

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_BOOTTIME, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static u64 wall_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (u64)t.tv_sec * 1000000 + (u64)t.tv_nsec / 1000;
}

static void defaults(void)
{
    cards = 2, rules = 0, driver = OK, epoch = 0;
    for (int i = 0; i < CARDS; i++) {
        card[i] = (card_t){.idle = 20 + i, .busy = 320 + 10 * i, .period = 4, .tick = 0.1,
                           .gain = 1, .util = -1, .temperature = -1, .gen = 4, .width = 16,
                           .pcie_bits = 64, .mig = -1};
        snprintf(card[i].name, sizeof card[i].name, "Fake GPU %d", i);
    }
}

static void set(card_t *c, const char *what, double value)
{
    if (!strcmp(what, "util"))
        c->util = (int)value;
    else if (!strcmp(what, "temperature"))
        c->temperature = (int)value;
    else if (!strcmp(what, "limit"))
        c->limit = (int)value;
    else if (!strcmp(what, "gen"))
        c->gen = (int)value;
    else if (!strcmp(what, "width"))
        c->width = (int)value;
    else if (!strcmp(what, "tick_ms"))
        c->tick = value / 1000;
    else if (!strcmp(what, "gain"))
        c->gain = value;
    else if (!strcmp(what, "pcie_bits"))
        c->pcie_bits = (int)value;
    else if (!strcmp(what, "gpm"))
        c->gpm = (int)value;
}

static void order(const char *line)
{
    char which[8], text[96];
    rule_t r;
    process_t p = {.gi = ~0U, .ci = ~0U};
    instance_t n;
    int i, code, seq;
    double idle, busy, period, value;

    if (sscanf(line, "driver %d", &driver) == 1 || sscanf(line, "epoch %d", &epoch) == 1)
        return;
    if (sscanf(line, "cards %d", &i) == 1 && i >= 0 && i <= CARDS) {
        cards = i;
    } else if (sscanf(line, "wave %d %lf %lf %lf", &i, &idle, &busy, &period) == 4 && i < CARDS) {
        card[i].idle = idle, card[i].busy = busy, card[i].period = period;
    } else if (sscanf(line, "set %d %95s %lf", &i, text, &value) == 3 && i < CARDS) {
        set(&card[i], text, value);
    } else if (sscanf(line, "held %d %d %lf", &i, &code, &value) == 3 && i < CARDS
               && card[i].held_fields < HELD) {
        card[i].held_field[card[i].held_fields] = code;
        card[i].held_share[card[i].held_fields++] = value;
    } else if (sscanf(line, "field %d %d %d", &i, &code, &seq) == 3 && i < CARDS
               && card[i].told_fields < HELD) {
        card[i].told_field[card[i].told_fields] = code;
        card[i].told_value[card[i].told_fields++] = seq;
    } else if (sscanf(line, "mig %d %d %d", &i, &code, &seq) == 3 && i < CARDS) {
        card[i].mig = code, card[i].mig_pending = seq;
    } else if (sscanf(line, "instance %d %d %d %d %d %d %d", &i, &n.gi, &n.ci, &n.g, &n.c, &n.mib,
                      &n.used) == 7 && i < CARDS && card[i].instances < INSTANCES) {
        instance[i][card[i].instances++] = n;
    } else if (sscanf(line, "process %d %u %lf %c %u %u %u", &i, &p.pid, &value, &p.kind, &p.sm,
                      &p.gi, &p.ci) >= 5 && i < CARDS && card[i].processes < PROCESSES) {
        p.bytes = (u64)(value * 1048576);
        card[i].process[card[i].processes++] = p;
    } else if (sscanf(line, "xid %d %d %d", &i, &code, &seq) == 3 && i < CARDS) {
        card[i].xid = code, card[i].xid_seq = seq;
    } else if (sscanf(line, "name %d %95[^\n]", &i, text) == 2 && i < CARDS) {
        memcpy(card[i].name, text, sizeof text);
    } else if (sscanf(line, "fault %7s %63s %31s", which, r.call, r.what) == 3 && rules < RULES) {
        r.card = which[0] == '*' ? ANY : atoi(which);
        rule[rules++] = r;
    }
}

/* Obey the control file, if it is another than before; it is replaced as a whole, never edited. */
static void obey(void)
{
    const char *path = getenv("FAKENVML_CONTROL");
    struct stat s;
    char line[256];
    FILE *file;

    if (!path || stat(path, &s) || !(file = fopen(path, "r"))) {
        if (!cards)
            defaults();
        return;
    }
    if (s.st_ino != read_inode || s.st_mtim.tv_sec != read_at.tv_sec
        || s.st_mtim.tv_nsec != read_at.tv_nsec) {
        read_inode = s.st_ino, read_at = s.st_mtim;
        defaults();
        while (fgets(line, sizeof line, file))
            order(line);
    }
    fclose(file);
}

static void note(int index, const char *call)
{
    const char *path = getenv("FAKENVML_CALLS");
    char line[96];
    int file, length;

    if (!path || (file = open(path, O_WRONLY | O_APPEND | O_CREAT, 0600)) < 0)
        return;
    length = snprintf(line, sizeof line, index == NO_CARD ? "%d -%.0d %s\n" : "%d %d %s\n",
                      (int)getpid(), index == NO_CARD ? 0 : index, call);
    if (write(file, line, (size_t)length) < 0)
        perror(path);
    close(file);
}

/* What the rules say about a call, looked up afresh: a code, and in `what` the last order. */
static int ruled(int index, const char *call, char what[32])
{
    int code = OK;

    pthread_mutex_lock(&one_at_a_time);
    obey();
    what[0] = 0;
    for (int i = 0; i < rules; i++) {
        const rule_t *r = &rule[i];
        if ((r->card != ANY && r->card != index) || (strcmp(r->call, "*") && strcmp(r->call, call)))
            continue;
        if (r->card == ANY && index == NO_CARD && !strcmp(r->call, "*"))
            continue; /* "any card, any call" leaves the calls about no card alone */
        if (r->what[0] >= '0' && r->what[0] <= '9')
            code = atoi(r->what);
        else
            memcpy(what, r->what, 32);
    }
    if (strcmp(call, "InitWithFlags") && strcmp(call, "Init_v2"))
        code = !ready ? UNINITIALIZED : my_epoch != epoch ? UNKNOWN : code;
    if (index != NO_CARD && code == LOST)
        lost[index] = 1;
    if (index != NO_CARD && lost[index] && code != UNINITIALIZED)
        code = LOST;
    pthread_mutex_unlock(&one_at_a_time);
    return code;
}

/* Do what the rules say about a call; its return code. */
static int answer(int index, const char *call)
{
    char what[32];
    int code = ruled(index, call, what);

    note(index, call);
    while (!strcmp(what, "hang")) {
        usleep(20000);
        code = ruled(index, call, what);
    }
    if (!strcmp(what, "crash"))
        raise(SIGSEGV);
    if (!strncmp(what, "slow:", 5))
        usleep((useconds_t)(atof(what + 5) * 1000));
    return code;
}

/* ----------------------------------------------------------------- model */

/* Seconds of work from time 0 to t. */
static double worked(const card_t *c, double t)
{
    double rounds = floor(t / c->period), rest = t - rounds * c->period, half = c->period / 2;

    return rounds * half + (rest > half ? rest - half : 0);
}

/* The joules of a card's wave from time 0 to t. */
static double joules(const card_t *c, double t)
{
    double work = worked(c, t);

    return c->idle * (t - work) + c->busy * work;
}

/* The mean power of the last `window` seconds, in milliwatts. */
static u32 milliwatts(const card_t *c, double window)
{
    double t = now();

    return (u32)lround(1000 * (joules(c, t) - joules(c, t - window)) / window);
}

static u64 millijoules(const card_t *c)
{
    double t = floor(now() / c->tick) * c->tick;

    t = t > counted_from ? t : counted_from;
    return (u64)llround(1000 * c->gain * (joules(c, t) - joules(c, counted_from)));
}

static int busy(const card_t *c) { return fmod(now(), c->period) > c->period / 2; }
static u32 util(const card_t *c) { return c->util >= 0 ? (u32)c->util : busy(c) ? 97 : 0; }

static int celsius(const card_t *c)
{
    return c->temperature >= 0 ? c->temperature : busy(c) ? 71 : 37;
}

/* A traffic counter in bytes, of so many bytes per second of work; it wraps where it is told to. */
static u64 traffic(const card_t *c, double per_second)
{
    u64 bytes = (u64)(worked(c, now()) * per_second);

    return c->pcie_bits < 64 ? bytes & ((1ULL << c->pcie_bits) - 1) : bytes;
}

static double held(const card_t *c, u32 field)
{
    for (int i = 0; i < c->held_fields; i++)
        if ((u32)c->held_field[i] == field)
            return c->held_share[i];
    return 0;
}

/* Whether a field was ordered of a card, and its value. */
static int told(const card_t *c, u32 field, int *value)
{
    for (int i = 0; i < c->told_fields; i++)
        if ((u32)c->told_field[i] == field) {
            *value = c->told_value[i];
            return 1;
        }
    return 0;
}

static u64 reasons(const card_t *c)
{
    u64 bits = busy(c) ? 0 : 0x1;

    bits |= held(c, 74) > 0 ? 0x4 : 0;
    bits |= held(c, 269) > 0 ? 0x20 : 0;
    bits |= held(c, 270) > 0 ? 0x48 : 0;
    bits |= held(c, 271) > 0 ? 0x88 : 0;
    return bits;
}
