/* A stand-in libnvidia-ml.so.1 for tests: what the console and nvitop call, laid out as in nvml.h 13.
 *
 * Every call passes through answer(), which does what is ordered of it: see fakecards.h.
 */
#include "fakecards.h"

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
