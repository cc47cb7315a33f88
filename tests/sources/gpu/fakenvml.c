/* A stand-in libnvidia-ml.so.1 for tests: the functions the console calls, and no others.
 *
 * Each card draws a square wave of power over CLOCK_BOOTTIME, so that all processes agree. Its
 * energy counter is the exact integral of that wave, quantised to 100 ms as on a real board, and
 * its power is the mean of the last second, which is what nvmlDeviceGetPowerUsage means.
 *
 * The file named by FAKENVML_CONTROL is read again whenever it changed. One order per line:
 *
 *   driver CODE            nvmlInit answers CODE (9 not loaded, 18 version mismatch, 4 no permission)
 *   cards N                how many cards there are (2)
 *   epoch N                the driver was loaded anew: a process that initialised in another epoch
 *                          gets UNKNOWN from every call, and energy counts from its next init
 *   wave CARD IDLE BUSY S  watts at rest and at work, and the period, half of which is work
 *   name CARD TEXT         what the card calls itself
 *   fault CARD CALL WHAT   CARD may be *, CALL a function's name without "nvml", or *;
 *                          WHAT is an NVML code, "hang", "crash", or "slow:MS"
 *
 * A card that was lost (code 15) stays lost for a process until it initialises again.
 */
#define _GNU_SOURCE
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { OK = 0, UNINITIALIZED = 1, INVALID = 2, LOST = 15, VERSION = 25,
       UNKNOWN = 999 };
enum { CARDS = 16, RULES = 64, NO_CARD = -1, ANY = -2, TEMPERATURE_SENSOR_GPU = 0 };

typedef struct { double idle, busy, period; char name[96]; } card_t;
typedef struct { int card; char call[64], what[32]; } rule_t;
typedef struct { unsigned int gpu, memory; } utilization_t;
typedef struct { unsigned long long total, free, used; } memory_t;
typedef struct { unsigned int version; unsigned long long total, reserved, free, used; } memory_v2_t;
typedef struct { unsigned int version, sensor; int temperature; } temperature_t;

static card_t card[CARDS];
static rule_t rule[RULES];
static int cards, rules, driver, epoch;
static int ready, my_epoch, lost[CARDS];
static double counted_from;
static struct timespec read_at;
static ino_t read_inode;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_BOOTTIME, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void defaults(void)
{
    cards = 2, rules = 0, driver = OK, epoch = 0;
    for (int i = 0; i < CARDS; i++) {
        card[i] = (card_t){.idle = 20 + i, .busy = 320 + 10 * i, .period = 4};
        snprintf(card[i].name, sizeof card[i].name, "Fake GPU %d", i);
    }
}

static void order(const char *line)
{
    char which[8], text[96];
    rule_t r;
    int i;
    double idle, busy, period;

    if (sscanf(line, "driver %d", &driver) == 1 || sscanf(line, "epoch %d", &epoch) == 1)
        return;
    if (sscanf(line, "cards %d", &i) == 1 && i >= 0 && i <= CARDS) {
        cards = i;
    } else if (sscanf(line, "wave %d %lf %lf %lf", &i, &idle, &busy, &period) == 4 && i < CARDS) {
        card[i].idle = idle, card[i].busy = busy, card[i].period = period;
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

/* Do what the rules say about a call; its return code. */
static int answer(int index, const char *call)
{
    int code = OK;

    obey();
    for (int i = 0; i < rules; i++) {
        const rule_t *r = &rule[i];
        if ((r->card != ANY && r->card != index) || (strcmp(r->call, "*") && strcmp(r->call, call)))
            continue;
        if (r->card == ANY && index == NO_CARD && !strcmp(r->call, "*"))
            continue; /* "any card, any call" leaves the calls about no card alone */
        if (!strcmp(r->what, "hang"))
            for (;;)
                pause();
        if (!strcmp(r->what, "crash"))
            raise(SIGSEGV);
        if (!strncmp(r->what, "slow:", 5))
            usleep((useconds_t)(atof(r->what + 5) * 1000));
        else
            code = atoi(r->what);
    }
    if (strcmp(call, "InitWithFlags")) {
        if (!ready)
            return UNINITIALIZED;
        if (my_epoch != epoch)
            return UNKNOWN;
    }
    if (index != NO_CARD && code == LOST)
        lost[index] = 1;
    return index != NO_CARD && lost[index] ? LOST : code;
}

/* The joules of a card's wave from time 0 to t. */
static double joules(const card_t *c, double t)
{
    double rounds = floor(t / c->period), rest = t - rounds * c->period, half = c->period / 2;
    double work = rounds * half + (rest > half ? rest - half : 0);

    return c->idle * (t - work) + c->busy * work;
}

static int busy(const card_t *c) { return fmod(now(), c->period) > c->period / 2; }

static int to_text(const char *text, char *out, unsigned int size)
{
    snprintf(out, size, "%s", text);
    return OK;
}

/* A handle is a pointer to its card. */
#define INDEX(handle) ((int)((card_t *)(handle) - card))
#define TRY(index, call)                        \
    do {                                        \
        int code = answer(index, call);         \
        if (code != OK)                         \
            return code;                        \
    } while (0)

int nvmlInitWithFlags(unsigned int flags)
{
    (void)flags;
    TRY(NO_CARD, "InitWithFlags");
    if (driver != OK)
        return driver;
    ready = 1, my_epoch = epoch;
    counted_from = epoch ? now() : 0;
    memset(lost, 0, sizeof lost);
    return OK;
}

int nvmlShutdown(void)
{
    ready = 0;
    return OK;
}

const char *nvmlErrorString(int code)
{
    return code == UNKNOWN ? "Unknown Error" : "Some Error";
}

int nvmlSystemGetDriverVersion(char *version, unsigned int size)
{
    TRY(NO_CARD, "SystemGetDriverVersion");
    return to_text("580.95.05", version, size);
}

int nvmlSystemGetCudaDriverVersion(int *version)
{
    TRY(NO_CARD, "SystemGetCudaDriverVersion");
    *version = 13000;
    return OK;
}

int nvmlDeviceGetCount_v2(unsigned int *count)
{
    TRY(NO_CARD, "DeviceGetCount");
    *count = (unsigned int)cards;
    return OK;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned int index, void **handle)
{
    if ((int)index >= cards)
        return INVALID;
    TRY((int)index, "DeviceGetHandleByIndex");
    *handle = &card[index];
    return OK;
}

int nvmlDeviceGetName(void *handle, char *name, unsigned int size)
{
    TRY(INDEX(handle), "DeviceGetName");
    return to_text(card[INDEX(handle)].name, name, size);
}

int nvmlDeviceGetUUID(void *handle, char *uuid, unsigned int size)
{
    char text[64];

    TRY(INDEX(handle), "DeviceGetUUID");
    snprintf(text, sizeof text, "GPU-00000000-0000-0000-0000-%012d", INDEX(handle));
    return to_text(text, uuid, size);
}

int nvmlDeviceGetUtilizationRates(void *handle, utilization_t *rates)
{
    TRY(INDEX(handle), "DeviceGetUtilizationRates");
    *rates = busy(handle) ? (utilization_t){97, 61} : (utilization_t){0, 0};
    return OK;
}

int nvmlDeviceGetPowerUsage(void *handle, unsigned int *milliwatts)
{
    double t = now();

    TRY(INDEX(handle), "DeviceGetPowerUsage");
    *milliwatts = (unsigned int)lround(1000 * (joules(handle, t) - joules(handle, t - 1)));
    return OK;
}

int nvmlDeviceGetEnforcedPowerLimit(void *handle, unsigned int *milliwatts)
{
    TRY(INDEX(handle), "DeviceGetEnforcedPowerLimit");
    *milliwatts = 450000;
    return OK;
}

int nvmlDeviceGetTotalEnergyConsumption(void *handle, unsigned long long *millijoules)
{
    double t = floor(now() * 10) / 10;

    TRY(INDEX(handle), "DeviceGetTotalEnergyConsumption");
    t = t > counted_from ? t : counted_from;
    *millijoules =
        (unsigned long long)llround(1000 * (joules(handle, t) - joules(handle, counted_from)));
    return OK;
}

int nvmlDeviceGetMemoryInfo(void *handle, memory_t *memory)
{
    TRY(INDEX(handle), "DeviceGetMemoryInfo");
    *memory = (memory_t){.total = 24ULL << 30, .free = 3ULL << 30, .used = 21ULL << 30};
    return OK;
}

int nvmlDeviceGetMemoryInfo_v2(void *handle, memory_v2_t *memory)
{
    TRY(INDEX(handle), "DeviceGetMemoryInfo_v2");
    if (memory->version != (sizeof *memory | 2U << 24))
        return VERSION;
    memory->total = 24ULL << 30, memory->reserved = 1ULL << 30;
    memory->used = 20ULL << 30, memory->free = 3ULL << 30;
    return OK;
}

int nvmlDeviceGetTemperature(void *handle, int sensor, unsigned int *celsius)
{
    TRY(INDEX(handle), "DeviceGetTemperature");
    if (sensor != TEMPERATURE_SENSOR_GPU)
        return INVALID;
    *celsius = busy(handle) ? 72 : 38;
    return OK;
}

int nvmlDeviceGetTemperatureV(void *handle, temperature_t *reading)
{
    TRY(INDEX(handle), "DeviceGetTemperatureV");
    if (reading->version != (sizeof *reading | 1U << 24))
        return VERSION;
    if (reading->sensor != TEMPERATURE_SENSOR_GPU)
        return INVALID;
    reading->temperature = busy(handle) ? 71 : 37;
    return OK;
}
