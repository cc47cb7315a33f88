/* What the stand-in tells over time: Xid events, and profiling metrics. */

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
    TRY_CARD(handle, "DeviceGetSupportedEventTypes");
    *types = XID_EVENT;
    return OK;
}

int nvmlDeviceRegisterEvents(void *handle, u64 types, event_set_t *set)
{
    TRY_CARD(handle, "DeviceRegisterEvents");
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

typedef struct { void *handle; double share, at; } sample_t;
typedef struct { u32 id; int code; double value; const char *text[3]; } metric_t;
typedef struct { u32 version, count; sample_t *from, *to; metric_t metric[1]; } metrics_t;
typedef struct { u32 version, supported; } gpm_support_t;
enum { GPM_ENGINE = 1, GPM_SM = 2, GPM_TENSOR = 5, GPM_DRAM = 10 };
_Static_assert(sizeof(metric_t) == 40 && sizeof(gpm_support_t) == 8, "nvmlGpmMetric_t");

int nvmlGpmQueryDeviceSupport(void *handle, gpm_support_t *support)
{
    TRY_CARD(handle, "GpmQueryDeviceSupport");
    support->supported = (u32)((const card_t *)handle)->gpm;
    return OK;
}

int nvmlGpmSampleAlloc(sample_t **sample)
{
    TRY(NO_CARD, "GpmSampleAlloc");
    *sample = calloc(1, sizeof **sample);
    return OK;
}

int nvmlGpmSampleFree(sample_t *sample)
{
    TRY(NO_CARD, "GpmSampleFree");
    free(sample);
    return OK;
}

int nvmlGpmSampleGet(void *handle, sample_t *sample)
{
    TRY_CARD(handle, "GpmSampleGet");
    if (!((const card_t *)handle)->gpm || ((const card_t *)handle)->mig > 0)
        return NOT_SUPPORTED;
    *sample = (sample_t){handle, 1, now()};
    return OK;
}

/* Of a GPU instance, which works less the smaller its number of slices is. */
int nvmlGpmMigSampleGet(void *handle, u32 gi, sample_t *sample)
{
    const card_t *c = handle;

    TRY_CARD(handle, "GpmMigSampleGet");
    if (!c->gpm || c->mig <= 0)
        return NOT_SUPPORTED;
    for (int i = 0; i < c->instances; i++)
        if ((u32)instance[INDEX(handle)][i].gi == gi) {
            *sample = (sample_t){handle, instance[INDEX(handle)][i].g / 7.0, now()};
            return OK;
        }
    return NOT_FOUND;
}

int nvmlGpmMetricsGet(metrics_t *asked)
{
    const card_t *c = asked->from->handle;
    double length = asked->to->at - asked->from->at;
    double work;

    TRY_CARD(c, "GpmMetricsGet");
    if (asked->version != 1 || length <= 0)
        return INVALID;
    work = (worked(c, asked->to->at) - worked(c, asked->from->at)) / length * asked->to->share;
    for (u32 i = 0; i < asked->count; i++) {
        metric_t *m = &asked->metric[i];
        m->code = OK;
        switch (m->id) {
        case GPM_ENGINE: m->value = work * 99; break;
        case GPM_SM: m->value = work * 90; break;
        case GPM_TENSOR: m->value = work * 40; break;
        case GPM_DRAM: m->value = work * 80; break;
        default: m->code = NOT_SUPPORTED;
        }
    }
    return OK;
}
