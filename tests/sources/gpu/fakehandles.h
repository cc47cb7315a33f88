/* Handles of the stand-in, and what each call does before it answers. */

/* A handle is a pointer to its card, or to the MIG instance of one. */
static int is_instance(const void *handle)
{
    uintptr_t at = (uintptr_t)handle, first = (uintptr_t)instance;

    return at >= first && at < first + sizeof instance;
}

static int index_of(const void *handle)
{
    if (is_instance(handle))
        return (int)(((const instance_t *)handle - &instance[0][0]) / INSTANCES);
    return (int)((const card_t *)handle - card);
}

/* What the rules say about a call of an instance; one that was destroyed is not found. */
static int answer_of_instance(const instance_t *handle, const char *call)
{
    char name[64];
    int index = index_of(handle), code;

    snprintf(name, sizeof name, "Mig%s", call);
    if ((code = answer(index, name)) != OK)
        return code;
    return card[index].mig > 0 && handle - instance[index] < card[index].instances ? OK : NOT_FOUND;
}

/* A call that an instance does not answer, and one that it does. */
static int answer_of_card(const void *handle, const char *call)
{
    if (!is_instance(handle))
        return answer(index_of(handle), call);
    int code = answer_of_instance(handle, call);
    return code == OK ? NOT_SUPPORTED : code;
}

static int answer_of_either(const void *handle, const char *call)
{
    return is_instance(handle) ? answer_of_instance(handle, call) : answer(index_of(handle), call);
}

#define INDEX(handle) index_of(handle)
#define DO(asked)                               \
    do {                                        \
        int code = asked;                       \
        if (code != OK)                         \
            return code;                        \
    } while (0)
#define TRY(index, call) DO(answer(index, call))
#define TRY_CARD(handle, call) DO(answer_of_card(handle, call))
#define TRY_EITHER(handle, call) DO(answer_of_either(handle, call))

