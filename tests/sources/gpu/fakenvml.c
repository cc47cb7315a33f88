/* A stand-in libnvidia-ml.so.1 for tests: what the console and nvitop call, laid out as in nvml.h 13.
 *
 * Every call passes through answer(), which does what is ordered of it: see fakecards.h.
 */
#include "fakecards.h"
#include "fakehandles.h"

/* ------------------------------------------------------------- the system */

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
        TRY_CARD(handle, #name);                      \
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
        TRY_CARD(handle, #name);                      \
        return NOT_SUPPORTED;                           \
    }

UNSUPPORTED(DeviceGetDriverModel)
UNSUPPORTED(DeviceGetDriverModel_v2)
UNSUPPORTED(DeviceGetMemoryErrorCounter)

int nvmlDeviceGetMigMode(void *handle, u32 *current, u32 *pending)
{
    const card_t *c = handle;

    TRY_CARD(handle, "DeviceGetMigMode");
    *current = c->mig > 0, *pending = c->mig >= 0 && c->mig_pending;
    return c->gpm || c->mig >= 0 ? OK : NOT_SUPPORTED;
}

/* 2g.10gb, and 1c.2g.10gb of a compute instance that has less than all of it. */
static void profile_of(const instance_t *n, char *out, size_t size)
{
    char part[16] = "";

    if (n->c < n->g)
        snprintf(part, sizeof part, "%dc.", n->c);
    snprintf(out, size, "%s%dg.%dgb", part, n->g, (n->mib + 1023) / 1024);
}

int nvmlDeviceGetName(void *handle, char *name, u32 size)
{
    char text[160];

    TRY_EITHER(handle, "DeviceGetName");
    if (!is_instance(handle))
        return to_text(card[INDEX(handle)].name, name, size);
    snprintf(text, sizeof text, "%s MIG ", card[INDEX(handle)].name);
    profile_of(handle, text + strlen(text), sizeof text - strlen(text));
    return to_text(text, name, size);
}

int nvmlDeviceGetUUID(void *handle, char *uuid, u32 size)
{
    char text[64];

    TRY_EITHER(handle, "DeviceGetUUID");
    if (is_instance(handle)) {
        const instance_t *n = handle;
        snprintf(text, sizeof text, "MIG-00000000-0000-0000-%04d-%06d%06d", INDEX(n), n->gi, n->ci);
    } else {
        snprintf(text, sizeof text, "GPU-00000000-0000-0000-0000-%012d", INDEX(handle));
    }
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
    TRY_CARD(handle, "DeviceGetPciInfo");
    memset(pci, 0, sizeof *pci);
    pci->bus = (u32)INDEX(handle) + 1, pci->device_id = 0x268410DE;
    bus_id(INDEX(handle), pci->id, sizeof pci->id);
    snprintf(pci->legacy, sizeof pci->legacy, "%s", pci->id + 4);
    return OK;
}

typedef struct { u32 gpu, memory; } utilization_t;

int nvmlDeviceGetUtilizationRates(void *handle, utilization_t *rates)
{
    TRY_CARD(handle, "DeviceGetUtilizationRates");
    if (((const card_t *)handle)->mig > 0)
        return NOT_SUPPORTED;
    *rates = (utilization_t){util(handle), util(handle) ? 61 : 0};
    return OK;
}

/* Encoder and decoder: a share and the length of the sample in microseconds. */
static int coder(void *handle, const char *call, u32 share, u32 *value, u32 *period_us)
{
    TRY_CARD(handle, call);
    if (((const card_t *)handle)->mig > 0)
        return NOT_SUPPORTED;
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
    TRY_CARD(handle, "DeviceGetPowerManagementLimitConstraints");
    *least = 150000, *most = 600000;
    return OK;
}

typedef struct { u64 total, free, used; } memory_t;
typedef struct { u32 version; u64 total, reserved, free, used; } memory_v2_t;
_Static_assert(sizeof(memory_v2_t) == 40, "nvmlMemory_v2_t");

static memory_t memory_of(const instance_t *n)
{
    u64 total = (u64)n->mib << 20, used = (u64)n->used << 20;

    return (memory_t){.total = total, .free = total - used, .used = used};
}

int nvmlDeviceGetMemoryInfo(void *handle, memory_t *memory)
{
    TRY_EITHER(handle, "DeviceGetMemoryInfo");
    *memory = is_instance(handle) ? memory_of(handle)
        : (memory_t){.total = 24ULL << 30, .free = 3ULL << 30, .used = 21ULL << 30};
    return OK;
}

int nvmlDeviceGetMemoryInfo_v2(void *handle, memory_v2_t *memory)
{
    TRY_EITHER(handle, "DeviceGetMemoryInfo_v2");
    if (memory->version != (sizeof *memory | 2U << 24))
        return VERSION;
    if (is_instance(handle)) {
        memory_t told = memory_of(handle);
        memory->total = told.total, memory->free = told.free, memory->used = told.used;
        memory->reserved = 0;
        return OK;
    }
    memory->total = 24ULL << 30, memory->reserved = 1ULL << 30;
    memory->used = 20ULL << 30, memory->free = 3ULL << 30;
    return OK;
}

int nvmlDeviceGetBAR1MemoryInfo(void *handle, memory_t *memory)
{
    TRY_EITHER(handle, "DeviceGetBAR1MemoryInfo");
    *memory = (memory_t){.total = 256ULL << 20, .free = 250ULL << 20, .used = 6ULL << 20};
    return OK;
}

enum { SENSOR_GPU = 0, THRESHOLD_SHUTDOWN = 0, THRESHOLD_SLOWDOWN = 1 };
typedef struct { u32 version, sensor; int temperature; } temperature_t;

/* The older call tells one degree more, so that tests can tell which was asked. */
int nvmlDeviceGetTemperature(void *handle, int sensor, u32 *value)
{
    TRY_CARD(handle, "DeviceGetTemperature");
    if (sensor != SENSOR_GPU)
        return INVALID;
    *value = (u32)celsius(handle) + 1;
    return OK;
}

int nvmlDeviceGetTemperatureV(void *handle, temperature_t *reading)
{
    TRY_CARD(handle, "DeviceGetTemperatureV");
    if (reading->version != (sizeof *reading | 1U << 24))
        return VERSION;
    if (reading->sensor != SENSOR_GPU)
        return INVALID;
    reading->temperature = celsius(handle);
    return OK;
}

int nvmlDeviceGetTemperatureThreshold(void *handle, int which, u32 *value)
{
    TRY_CARD(handle, "DeviceGetTemperatureThreshold");
    *value = which == THRESHOLD_SLOWDOWN ? 90 : 95;
    return which <= THRESHOLD_SLOWDOWN ? OK : NOT_SUPPORTED;
}

typedef struct { u32 version; int margin; } margin_t;

/* Degrees below its limit; negative above it. */
int nvmlDeviceGetMarginTemperature(void *handle, margin_t *reading)
{
    const card_t *c = handle;

    TRY_CARD(handle, "DeviceGetMarginTemperature");
    if (reading->version != (sizeof *reading | 1U << 24))
        return VERSION;
    reading->margin = c->limit - celsius(c);
    return c->limit ? OK : NOT_SUPPORTED;
}

enum { CLOCK_GRAPHICS, CLOCK_SM, CLOCK_MEMORY, CLOCK_VIDEO };

static int clock_of(void *handle, const char *call, int which, int most, u32 *megahertz)
{
    TRY_CARD(handle, call);
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
    TRY_CARD(handle, "DeviceGetPcieThroughput");
    usleep(20000);
    *kib_per_second = 1000;
    return OK;
}

int nvmlDeviceGetEccMode(void *handle, u32 *current, u32 *pending)
{
    TRY_CARD(handle, "DeviceGetEccMode");
    *current = *pending = 1;
    return OK;
}

int nvmlDeviceGetTotalEccErrors(void *handle, int uncorrected, int aggregate, u64 *count)
{
    (void)aggregate;
    TRY_CARD(handle, "DeviceGetTotalEccErrors");
    *count = uncorrected ? 1 : 4;
    return OK;
}

int nvmlDeviceGetCudaComputeCapability(void *handle, int *major, int *minor)
{
    TRY_CARD(handle, "DeviceGetCudaComputeCapability");
    *major = 8, *minor = 9;
    return OK;
}

#include "fakelists.h"
#include "fakeevents.h"
