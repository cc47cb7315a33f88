/* A stand-in libnvidia-ml.so.1 for tests: what the console and nvitop call, laid out as in nvml.h 13.
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
 *                           gpm (1: has the profiling metrics)
 *   held CARD FIELD SHARE   the share of all time in which the counter of a field id runs
 *   process CARD PID MIB C|G SM   one process more
 *   xid CARD CODE SEQ       an Xid event; another SEQ is another event
 *   name CARD TEXT          what the card calls itself
 *   fault CARD CALL WHAT    CARD may be *, CALL a function's name without "nvml", "FI:" and a field
 *                           id, or *; WHAT is an NVML code, "hang" (until the order is gone),
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
enum { CARDS = 16, RULES = 64, PROCESSES = 8, HELD = 8, NO_CARD = -1, ANY = -2 };
enum { XID_EVENT = 8 };

typedef unsigned int u32;
typedef unsigned long long u64;

typedef struct { u32 pid, sm; u64 bytes; char kind; } process_t;
typedef struct {
    double idle, busy, period, tick, gain;
    int util, temperature, gen, width, pcie_bits, gpm, processes, held_fields, xid, xid_seq;
    process_t process[PROCESSES];
    int held_field[HELD];
    double held_share[HELD];
    char name[96];
} card_t;
typedef struct { int card; char call[64], what[32]; } rule_t;

static card_t card[CARDS];
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
                           .pcie_bits = 64};
        snprintf(card[i].name, sizeof card[i].name, "Fake GPU %d", i);
    }
}

static void set(card_t *c, const char *what, double value)
{
    if (!strcmp(what, "util"))
        c->util = (int)value;
    else if (!strcmp(what, "temperature"))
        c->temperature = (int)value;
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
    process_t p;
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
    } else if (sscanf(line, "process %d %u %lf %c %u", &i, &p.pid, &value, &p.kind, &p.sm) == 5
               && i < CARDS && card[i].processes < PROCESSES) {
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

static u64 reasons(const card_t *c)
{
    u64 bits = busy(c) ? 0 : 0x1;

    bits |= held(c, 74) > 0 ? 0x4 : 0;
    bits |= held(c, 269) > 0 ? 0x20 : 0;
    bits |= held(c, 270) > 0 ? 0x48 : 0;
    bits |= held(c, 271) > 0 ? 0x88 : 0;
    return bits;
}

/* ------------------------------------------------------------- the system */

/* A handle is a pointer to its card. */
#define INDEX(handle) ((int)((card_t *)(handle) - card))
#define TRY(index, call)                        \
    do {                                        \
        int code = answer(index, call);         \
        if (code != OK)                         \
            return code;                        \
    } while (0)

static int to_text(const char *text, char *out, u32 size)
{
    snprintf(out, size, "%s", text);
    return OK;
}

static int init(const char *call)
{
    TRY(NO_CARD, call);
    if (driver != OK)
        return driver;
    ready = 1, my_epoch = epoch;
    counted_from = epoch ? now() : 0;
    memset(lost, 0, sizeof lost);
    return OK;
}

int nvmlInit_v2(void) { return init("Init_v2"); }

int nvmlInitWithFlags(u32 flags)
{
    (void)flags;
    return init("InitWithFlags");
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

int nvmlSystemGetDriverVersion(char *version, u32 size)
{
    TRY(NO_CARD, "SystemGetDriverVersion");
    return to_text("580.95.05", version, size);
}

int nvmlSystemGetNVMLVersion(char *version, u32 size)
{
    TRY(NO_CARD, "SystemGetNVMLVersion");
    return to_text("13.580.95.05", version, size);
}

int nvmlSystemGetCudaDriverVersion_v2(int *version)
{
    TRY(NO_CARD, "SystemGetCudaDriverVersion");
    *version = 13000;
    return OK;
}

int nvmlSystemGetCudaDriverVersion(int *version)
{
    return nvmlSystemGetCudaDriverVersion_v2(version);
}

int nvmlDeviceGetCount_v2(u32 *count)
{
    TRY(NO_CARD, "DeviceGetCount");
    *count = (u32)cards;
    return OK;
}

int nvmlDeviceGetHandleByIndex_v2(u32 index, void **handle)
{
    if ((int)index >= cards)
        return INVALID;
    TRY((int)index, "DeviceGetHandleByIndex");
    *handle = &card[index];
    return OK;
}

static void bus_id(int index, char *out, size_t size)
{
    snprintf(out, size, "00000000:%02X:00.0", index + 1);
}

int nvmlDeviceGetHandleByPciBusId_v2(const char *wanted, void **handle)
{
    char text[32];

    for (int i = 0; i < cards; i++) {
        bus_id(i, text, sizeof text);
        if (!strcasecmp(text, wanted) || !strcasecmp(text + 4, wanted)) {
            TRY(i, "DeviceGetHandleByPciBusId");
            *handle = &card[i];
            return OK;
        }
    }
    return NOT_FOUND;
}

/* --------------------------------------------------------------- one value */

/* A function that asks one card for one value. */
#define VALUE(name, type, expression)                   \
    int nvml##name(void *handle, type *value)           \
    {                                                   \
        const card_t *c = handle;                       \
        (void)c;                                        \
        TRY(INDEX(handle), #name);                      \
        *value = (expression);                          \
        return OK;                                      \
    }

VALUE(DeviceGetIndex, u32, (u32)INDEX(handle))
VALUE(DeviceGetMinorNumber, u32, (u32)INDEX(handle))
VALUE(DeviceGetArchitecture, u32, 8)
VALUE(DeviceGetPowerUsage, u32, milliwatts(c, 1))
VALUE(DeviceGetEnforcedPowerLimit, u32, 450000)
VALUE(DeviceGetPowerManagementLimit, u32, 450000)
VALUE(DeviceGetPowerManagementDefaultLimit, u32, 480000)
VALUE(DeviceGetTotalEnergyConsumption, u64, millijoules(c))
VALUE(DeviceGetFanSpeed, u32, 41)
VALUE(DeviceGetPerformanceState, int, busy(c) ? 2 : 8)
VALUE(DeviceGetPowerState, int, busy(c) ? 2 : 8)
VALUE(DeviceGetCurrentClocksEventReasons, u64, reasons(c))
VALUE(DeviceGetCurrentClocksThrottleReasons, u64, reasons(c))
VALUE(DeviceGetCurrPcieLinkGeneration, u32, (u32)c->gen)
VALUE(DeviceGetCurrPcieLinkWidth, u32, (u32)c->width)
VALUE(DeviceGetMaxPcieLinkGeneration, u32, 4)
VALUE(DeviceGetMaxPcieLinkWidth, u32, 16)
VALUE(DeviceGetPersistenceMode, u32, 1)
VALUE(DeviceGetDisplayActive, u32, 0)
VALUE(DeviceGetDisplayMode, u32, 0)
VALUE(DeviceGetComputeMode, u32, 0)

/* What no card here has. */
#define UNSUPPORTED(name)                               \
    int nvml##name(void *handle)                        \
    {                                                   \
        TRY(INDEX(handle), #name);                      \
        return NOT_SUPPORTED;                           \
    }

UNSUPPORTED(DeviceGetDriverModel)
UNSUPPORTED(DeviceGetDriverModel_v2)
UNSUPPORTED(DeviceGetMemoryErrorCounter)

int nvmlDeviceGetMigMode(void *handle, u32 *current, u32 *pending)
{
    TRY(INDEX(handle), "DeviceGetMigMode");
    *current = *pending = 0;
    return card[INDEX(handle)].gpm ? OK : NOT_SUPPORTED;
}

int nvmlDeviceGetName(void *handle, char *name, u32 size)
{
    TRY(INDEX(handle), "DeviceGetName");
    return to_text(card[INDEX(handle)].name, name, size);
}

int nvmlDeviceGetUUID(void *handle, char *uuid, u32 size)
{
    char text[64];

    TRY(INDEX(handle), "DeviceGetUUID");
    snprintf(text, sizeof text, "GPU-00000000-0000-0000-0000-%012d", INDEX(handle));
    return to_text(text, uuid, size);
}

typedef struct {
    char legacy[16];
    u32 domain, bus, device, device_id, subsystem_id;
    char id[32];
} pci_t;
_Static_assert(sizeof(pci_t) == 68, "nvmlPciInfo_t");

int nvmlDeviceGetPciInfo_v3(void *handle, pci_t *pci)
{
    TRY(INDEX(handle), "DeviceGetPciInfo");
    memset(pci, 0, sizeof *pci);
    pci->bus = (u32)INDEX(handle) + 1, pci->device_id = 0x268410DE;
    bus_id(INDEX(handle), pci->id, sizeof pci->id);
    snprintf(pci->legacy, sizeof pci->legacy, "%s", pci->id + 4);
    return OK;
}

typedef struct { u32 gpu, memory; } utilization_t;

int nvmlDeviceGetUtilizationRates(void *handle, utilization_t *rates)
{
    TRY(INDEX(handle), "DeviceGetUtilizationRates");
    *rates = (utilization_t){util(handle), util(handle) ? 61 : 0};
    return OK;
}

/* Encoder and decoder: a share and the length of the sample in microseconds. */
static int coder(void *handle, const char *call, u32 share, u32 *value, u32 *period_us)
{
    TRY(INDEX(handle), call);
    *value = share, *period_us = 167000;
    return OK;
}

int nvmlDeviceGetEncoderUtilization(void *handle, u32 *value, u32 *period_us)
{
    return coder(handle, "DeviceGetEncoderUtilization", 7, value, period_us);
}

int nvmlDeviceGetDecoderUtilization(void *handle, u32 *value, u32 *period_us)
{
    return coder(handle, "DeviceGetDecoderUtilization", 3, value, period_us);
}

int nvmlDeviceGetPowerManagementLimitConstraints(void *handle, u32 *least, u32 *most)
{
    TRY(INDEX(handle), "DeviceGetPowerManagementLimitConstraints");
    *least = 150000, *most = 600000;
    return OK;
}

typedef struct { u64 total, free, used; } memory_t;
typedef struct { u32 version; u64 total, reserved, free, used; } memory_v2_t;
_Static_assert(sizeof(memory_v2_t) == 40, "nvmlMemory_v2_t");

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

enum { SENSOR_GPU = 0, THRESHOLD_SHUTDOWN = 0, THRESHOLD_SLOWDOWN = 1 };
typedef struct { u32 version, sensor; int temperature; } temperature_t;

/* The older call tells one degree more, so that tests can tell which was asked. */
int nvmlDeviceGetTemperature(void *handle, int sensor, u32 *value)
{
    TRY(INDEX(handle), "DeviceGetTemperature");
    if (sensor != SENSOR_GPU)
        return INVALID;
    *value = (u32)celsius(handle) + 1;
    return OK;
}

int nvmlDeviceGetTemperatureV(void *handle, temperature_t *reading)
{
    TRY(INDEX(handle), "DeviceGetTemperatureV");
    if (reading->version != (sizeof *reading | 1U << 24))
        return VERSION;
    if (reading->sensor != SENSOR_GPU)
        return INVALID;
    reading->temperature = celsius(handle);
    return OK;
}

int nvmlDeviceGetTemperatureThreshold(void *handle, int which, u32 *value)
{
    TRY(INDEX(handle), "DeviceGetTemperatureThreshold");
    *value = which == THRESHOLD_SLOWDOWN ? 90 : 95;
    return which <= THRESHOLD_SLOWDOWN ? OK : NOT_SUPPORTED;
}

enum { CLOCK_GRAPHICS, CLOCK_SM, CLOCK_MEMORY, CLOCK_VIDEO };

static int clock_of(void *handle, const char *call, int which, int most, u32 *megahertz)
{
    TRY(INDEX(handle), call);
    if (which > CLOCK_VIDEO)
        return INVALID;
    if (which == CLOCK_MEMORY)
        *megahertz = most || busy(handle) ? 10501 : 405;
    else
        *megahertz = most ? 3105 : busy(handle) ? 2520 : 210;
    return OK;
}

int nvmlDeviceGetClockInfo(void *handle, int which, u32 *megahertz)
{
    return clock_of(handle, "DeviceGetClockInfo", which, 0, megahertz);
}

int nvmlDeviceGetMaxClockInfo(void *handle, int which, u32 *megahertz)
{
    return clock_of(handle, "DeviceGetMaxClockInfo", which, 1, megahertz);
}

/* The real one samples for 20 ms inside the call; so does this, and the console must not ask. */
int nvmlDeviceGetPcieThroughput(void *handle, int which, u32 *kib_per_second)
{
    (void)which;
    TRY(INDEX(handle), "DeviceGetPcieThroughput");
    usleep(20000);
    *kib_per_second = 1000;
    return OK;
}

int nvmlDeviceGetEccMode(void *handle, u32 *current, u32 *pending)
{
    TRY(INDEX(handle), "DeviceGetEccMode");
    *current = *pending = 1;
    return OK;
}

int nvmlDeviceGetTotalEccErrors(void *handle, int uncorrected, int aggregate, u64 *count)
{
    (void)aggregate;
    TRY(INDEX(handle), "DeviceGetTotalEccErrors");
    *count = uncorrected ? 1 : 4;
    return OK;
}

int nvmlDeviceGetCudaComputeCapability(void *handle, int *major, int *minor)
{
    TRY(INDEX(handle), "DeviceGetCudaComputeCapability");
    *major = 8, *minor = 9;
    return OK;
}

/* --------------------------------------------------------------- processes */

typedef struct { u32 pid; u64 bytes; u32 gpu_instance, compute_instance; } running_t;
typedef struct { u32 pid; u64 at_us; u32 sm, memory, encoder, decoder; } used_t;
_Static_assert(sizeof(running_t) == 24 && sizeof(used_t) == 32, "nvmlProcessInfo_t and samples");

static int running(void *handle, const char *call, char kind, u32 *count, running_t *out)
{
    const card_t *c = handle;
    u32 found = 0, room = *count;

    TRY(INDEX(handle), call);
    for (int i = 0; i < c->processes; i++)
        found += c->process[i].kind == kind;
    *count = found;
    if (!found)
        return OK;
    if (!out || room < found)
        return TOO_SMALL;
    for (int i = 0, k = 0; i < c->processes; i++)
        if (c->process[i].kind == kind)
            out[k++] = (running_t){c->process[i].pid, c->process[i].bytes, ~0U, ~0U};
    return OK;
}

int nvmlDeviceGetComputeRunningProcesses_v3(void *handle, u32 *count, running_t *out)
{
    return running(handle, "DeviceGetComputeRunningProcesses", 'C', count, out);
}

int nvmlDeviceGetGraphicsRunningProcesses_v3(void *handle, u32 *count, running_t *out)
{
    return running(handle, "DeviceGetGraphicsRunningProcesses", 'G', count, out);
}

/* Samples since a time; none yet is NOT_FOUND. */
int nvmlDeviceGetProcessUtilization(void *handle, used_t *out, u32 *count, u64 since_us)
{
    const card_t *c = handle;
    u64 at_us = wall_us() / 167000 * 167000;

    TRY(INDEX(handle), "DeviceGetProcessUtilization");
    if (!c->processes || at_us <= since_us)
        return NOT_FOUND;
    if (!out || *count < (u32)c->processes) {
        *count = (u32)c->processes;
        return TOO_SMALL;
    }
    for (int i = 0; i < c->processes; i++)
        out[i] = (used_t){c->process[i].pid, at_us, c->process[i].sm, 30, 0, 0};
    *count = (u32)c->processes;
    return OK;
}

/* ------------------------------------------------------------ field values */

enum { AS_DOUBLE, AS_U32, AS_ULONG, AS_U64 };
typedef union { double d; u32 u; u64 ull; int64_t sll; } value_t;
typedef struct { u32 id, scope; int64_t at_us, latency_us; int type, code; value_t value; } field_t;
_Static_assert(sizeof(field_t) == 40, "nvmlFieldValue_t");

static void field(const card_t *c, field_t *f)
{
    f->code = OK, f->type = AS_U32, f->at_us = (int64_t)wall_us(), f->latency_us = 10;
    f->value.ull = 0;
    switch (f->id) {
    case 82: f->value.u = (u32)celsius(c) + 10; break;
    case 83: f->type = AS_U64, f->value.ull = millijoules(c); break;
    case 185: f->value.u = milliwatts(c, 1); break;
    case 186: f->value.u = milliwatts(c, 0.025); break;
    case 74: case 75: case 76: case 77: case 79: case 269: case 270: case 271:
        f->type = AS_U64, f->value.ull = (u64)(held(c, f->id) * now() * 1e9); break;
    case 138: case 139: f->code = c->gpm ? OK : NOT_SUPPORTED, f->type = AS_U64;
        f->value.ull = (u64)(worked(c, now()) * (f->id == 138 ? 2e6 : 3e6)); break;
    case 197: case 198: f->type = AS_U64;
        f->value.ull = traffic(c, f->id == 197 ? 4e8 : 19e8); break;
    default: f->code = NOT_SUPPORTED;
    }
}

int nvmlDeviceGetFieldValues(void *handle, int count, field_t *fields)
{
    char call[16], what[32];

    TRY(INDEX(handle), "DeviceGetFieldValues");
    for (int i = 0; i < count; i++) {
        int code;
        field(handle, &fields[i]);
        snprintf(call, sizeof call, "FI:%u", fields[i].id);
        if ((code = ruled(INDEX(handle), call, what)) != OK)
            fields[i].code = code;
    }
    return OK;
}

/* -------------------------------------------------------------- Xid events */

typedef struct { u64 mask[CARDS]; int seen[CARDS]; } event_set_t;
typedef struct { void *device; u64 type, data; u32 gpu_instance, compute_instance; } event_t;
_Static_assert(sizeof(event_t) == 32, "nvmlEventData_t");

int nvmlEventSetCreate(event_set_t **set)
{
    TRY(NO_CARD, "EventSetCreate");
    *set = calloc(1, sizeof **set);
    return OK;
}

int nvmlEventSetFree(event_set_t *set)
{
    free(set);
    return OK;
}

int nvmlDeviceGetSupportedEventTypes(void *handle, u64 *types)
{
    TRY(INDEX(handle), "DeviceGetSupportedEventTypes");
    *types = XID_EVENT;
    return OK;
}

int nvmlDeviceRegisterEvents(void *handle, u64 types, event_set_t *set)
{
    TRY(INDEX(handle), "DeviceRegisterEvents");
    set->mask[INDEX(handle)] |= types;
    set->seen[INDEX(handle)] = card[INDEX(handle)].xid_seq;
    return OK;
}

int nvmlEventSetWait_v2(event_set_t *set, event_t *event, u32 timeout_ms)
{
    double end = now() + timeout_ms / 1e3;
    char what[32];

    TRY(NO_CARD, "EventSetWait");
    do {
        int code = ruled(NO_CARD, "EventSetWait", what);
        if (code != OK)
            return code;
        for (int i = 0; i < cards; i++)
            if (set->mask[i] & XID_EVENT && card[i].xid_seq != set->seen[i]) {
                set->seen[i] = card[i].xid_seq;
                *event = (event_t){&card[i], XID_EVENT, (u64)card[i].xid, ~0U, ~0U};
                return OK;
            }
        /* The real one sleeps in the kernel until an event comes: what this one costs by looking
         * would be taken for what the console costs. */
        usleep(200000);
    } while (now() < end);
    return TIMEOUT;
}

/* ------------------------------------------------- profiling metrics (GPM) */

typedef struct { void *handle; double at; } sample_t;
typedef struct { u32 id; int code; double value; const char *text[3]; } metric_t;
typedef struct { u32 version, count; sample_t *from, *to; metric_t metric[1]; } metrics_t;
typedef struct { u32 version, supported; } gpm_support_t;
_Static_assert(sizeof(metric_t) == 40 && sizeof(gpm_support_t) == 8, "nvmlGpmMetric_t");

int nvmlGpmQueryDeviceSupport(void *handle, gpm_support_t *support)
{
    TRY(INDEX(handle), "GpmQueryDeviceSupport");
    support->supported = (u32)((const card_t *)handle)->gpm;
    return OK;
}

int nvmlGpmSampleAlloc(sample_t **sample)
{
    *sample = calloc(1, sizeof **sample);
    return OK;
}

int nvmlGpmSampleFree(sample_t *sample)
{
    free(sample);
    return OK;
}

int nvmlGpmSampleGet(void *handle, sample_t *sample)
{
    TRY(INDEX(handle), "GpmSampleGet");
    if (!((const card_t *)handle)->gpm)
        return NOT_SUPPORTED;
    *sample = (sample_t){handle, now()};
    return OK;
}

int nvmlGpmMetricsGet(metrics_t *asked)
{
    const card_t *c = asked->from->handle;
    double length = asked->to->at - asked->from->at;
    double work;

    TRY(INDEX(c), "GpmMetricsGet");
    if (asked->version != 1 || length <= 0)
        return INVALID;
    work = (worked(c, asked->to->at) - worked(c, asked->from->at)) / length;
    for (u32 i = 0; i < asked->count; i++) {
        metric_t *m = &asked->metric[i];
        m->code = OK;
        m->value = work * (m->id == 2 ? 90 : m->id == 5 ? 40 : m->id == 10 ? 80 : 1);
    }
    return OK;
}
