/* What the stand-in tells in lists: processes, MIG instances, field values. */

/* --------------------------------------------------------------- processes */

typedef struct { u32 pid; u64 bytes; u32 gpu_instance, compute_instance; } running_t;
typedef struct { u32 pid; u64 at_us; u32 sm, memory, encoder, decoder; } used_t;
_Static_assert(sizeof(running_t) == 24 && sizeof(used_t) == 32, "nvmlProcessInfo_t and samples");

/* Whether a card's process is one of a kind, and where an instance is asked, in that one. */
static int is_in(const process_t *p, const void *handle, char kind)
{
    const instance_t *n = handle;

    if (p->kind != kind)
        return 0;
    return !is_instance(handle) || (p->gi == (u32)n->gi && p->ci == (u32)n->ci);
}

static int running(void *handle, const char *call, char kind, u32 *count, running_t *out)
{
    u32 found = 0, room = *count;

    TRY_EITHER(handle, call);
    const card_t *c = &card[INDEX(handle)];
    for (int i = 0; i < c->processes; i++)
        found += is_in(&c->process[i], handle, kind) != 0;
    *count = found;
    if (!found)
        return OK;
    if (!out || room < found)
        return TOO_SMALL;
    for (int i = 0, k = 0; i < c->processes; i++)
        if (is_in(&c->process[i], handle, kind))
            out[k++] = (running_t){c->process[i].pid, c->process[i].bytes, c->process[i].gi,
                                   c->process[i].ci};
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

    TRY_CARD(handle, "DeviceGetProcessUtilization");
    if (c->mig > 0)
        return NOT_SUPPORTED;
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

/* --------------------------------------------------------------------- MIG */

VALUE(DeviceGetMaxMigDeviceCount, u32, c->mig >= 0 ? INSTANCES : 0)

int nvmlDeviceIsMigDeviceHandle(void *handle, u32 *is)
{
    *is = (u32)is_instance(handle);
    return OK;
}

int nvmlDeviceGetMigDeviceHandleByIndex(void *handle, u32 index, void **found)
{
    const card_t *c = handle;

    TRY_CARD(handle, "DeviceGetMigDeviceHandleByIndex");
    if (c->mig <= 0 || (int)index >= c->instances)
        return NOT_FOUND;
    *found = &instance[INDEX(handle)][index];
    return OK;
}

int nvmlDeviceGetDeviceHandleFromMigDeviceHandle(void *handle, void **parent)
{
    *parent = &card[INDEX(handle)];
    return OK;
}

/* A function that asks one MIG instance for one value. */
#define VALUE_OF_INSTANCE(name, expression)             \
    int nvml##name(void *handle, u32 *value)            \
    {                                                   \
        const instance_t *n = handle;                   \
        TRY_EITHER(handle, #name);                      \
        if (!is_instance(handle))                       \
            return NOT_SUPPORTED;                       \
        *value = (u32)(expression);                     \
        return OK;                                      \
    }

VALUE_OF_INSTANCE(DeviceGetGpuInstanceId, n->gi)
VALUE_OF_INSTANCE(DeviceGetComputeInstanceId, n->ci)

typedef struct {
    u32 processors, copiers, decoders, encoders, jpeg, ofa, gpu_slices, compute_slices;
    u64 memory_mb;
} attributes_t;
_Static_assert(sizeof(attributes_t) == 40, "nvmlDeviceAttributes_t");

int nvmlDeviceGetAttributes_v2(void *handle, attributes_t *out)
{
    const instance_t *n = handle;

    TRY_EITHER(handle, "DeviceGetAttributes");
    if (!is_instance(handle))
        return NOT_SUPPORTED;
    *out = (attributes_t){.processors = (u32)n->c * 16, .copiers = (u32)n->g,
                          .gpu_slices = (u32)n->g, .compute_slices = (u32)n->c,
                          .memory_mb = (u64)n->mib};
    return OK;
}

/* ------------------------------------------------------------ field values */

enum { AS_DOUBLE, AS_U32, AS_ULONG, AS_U64 };
typedef union { double d; u32 u; u64 ull; int64_t sll; } value_t;
typedef struct { u32 id, scope; int64_t at_us, latency_us; int type, code; value_t value; } field_t;
_Static_assert(sizeof(field_t) == 40, "nvmlFieldValue_t");

static void field(const card_t *c, field_t *f)
{
    int ordered;

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
    default:
        if (told(c, f->id, &ordered))
            f->value.u = (u32)ordered;
        else
            f->code = NOT_SUPPORTED;
    }
}

int nvmlDeviceGetFieldValues(void *handle, int count, field_t *fields)
{
    char call[16], what[32];

    TRY_CARD(handle, "DeviceGetFieldValues");
    for (int i = 0; i < count; i++) {
        int code;
        field(handle, &fields[i]);
        snprintf(call, sizeof call, "FI:%u", fields[i].id);
        if ((code = ruled(INDEX(handle), call, what)) != OK)
            fields[i].code = code;
    }
    return OK;
}

