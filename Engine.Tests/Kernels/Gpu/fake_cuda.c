/* A CUDA driver without a device, for tests: it counts what is alive, checks every pointer and context, keeps the arguments of launches, and
   can fail at the n-th call. Device memory is the host's. What gives something back does so even when it reports a failure, as real drivers do
   when they report what failed before. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SUCCESS = 0, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, NO_DEVICE = 100, INVALID_CONTEXT = 201, INVALID_PTX = 218, NOT_FOUND = 500, NOT_READY = 600 };
enum { MOST = 4096, ARGUMENTS = 64 };

struct piece { char *at; size_t bytes; };

static struct {
    int calls, fail_at, fail_with, fail_on, capability, devices, version, busy;
    int contexts, streams, modules, pieces, misused;
    size_t memory, taken;
    char failed[64], text[1 << 20];
    struct piece piece[MOST];
    int sizes[ARGUMENTS], count;
    uint64_t grid[6], argument[ARGUMENTS];
} fake;
static _Thread_local void *current;
static char context, stream, module, function;

void fake_reset(void)
{
    for (int i = 0; i < MOST; i++) free(fake.piece[i].at);
    memset(&fake, 0, sizeof fake);
    fake.capability = 90, fake.devices = 1, fake.version = 12040, fake.memory = 1 << 24;
    current = NULL;
}

void fake_fail(int at, int with, int on) { fake.fail_at = at, fake.fail_with = with, fake.fail_on = on; }
void fake_device(int devices, int capability, int version) { fake.devices = devices, fake.capability = capability, fake.version = version; }
void fake_memory(int64_t bytes) { fake.memory = (size_t)bytes; }
void fake_busy(int queries) { fake.busy = queries; }
int fake_calls(void) { return fake.calls; }
int fake_alive(void) { return fake.contexts + fake.streams + fake.modules + fake.pieces; }
int fake_misused(void) { return fake.misused; }
const char *fake_failed(void) { return fake.failed; }
const char *fake_text(void) { return fake.text; }
uint64_t fake_grid(int i) { return fake.grid[i]; }
uint64_t fake_argument(int i) { return fake.argument[i]; }

static int misuse(const char *call, int status)
{
    fprintf(stderr, "fake_cuda: %s is misused\n", call);
    fake.misused++;
    return status;
}

/* Whether this call is to fail. */
static int fails(const char *call)
{
    fake.calls++;
    if (fake.fail_at == 0 || fake.calls < fake.fail_at || (fake.calls > fake.fail_at && !fake.fail_on)) return 0;
    if (!fake.failed[0]) snprintf(fake.failed, sizeof fake.failed, "%s", call);
    return 1;
}

#define CALL if (fails(__func__)) return fake.fail_with
#define NEEDS_CONTEXT if (current != &context || fake.contexts == 0) return misuse(__func__, INVALID_CONTEXT)
#define REQUIRE(condition) if (!(condition)) return misuse(__func__, INVALID_VALUE)

static int within(uint64_t at, size_t bytes)
{
    for (int i = 0; i < MOST; i++) {
        uint64_t start = (uint64_t)fake.piece[i].at;
        if (start && at >= start && bytes <= fake.piece[i].bytes && at - start <= fake.piece[i].bytes - bytes) return 1;
    }
    return 0;
}

int cuInit(unsigned flags) { CALL; REQUIRE(flags == 0); return fake.devices < 0 ? NO_DEVICE : SUCCESS; }
int cuDriverGetVersion(int *version) { CALL; *version = fake.version; return SUCCESS; }
int cuDeviceGetCount(int *count) { CALL; *count = fake.devices; return SUCCESS; }
int cuDeviceGet(int *device, int ordinal) { CALL; REQUIRE(ordinal >= 0 && ordinal < fake.devices); *device = 70 + ordinal; return SUCCESS; }
int cuDeviceTotalMem_v2(size_t *bytes, int device) { CALL; REQUIRE(device >= 70); *bytes = fake.memory; return SUCCESS; }

int cuGetErrorName(int status, const char **name)
{
    *name = status == OUT_OF_MEMORY ? "CUDA_ERROR_OUT_OF_MEMORY" : status == INVALID_PTX ? "CUDA_ERROR_INVALID_PTX" : status == 700 ? "CUDA_ERROR_ILLEGAL_ADDRESS" : NULL;
    return *name ? SUCCESS : INVALID_VALUE;
}

int cuDeviceGetName(char *name, int room, int device)
{
    CALL;
    REQUIRE(device >= 70);
    snprintf(name, (size_t)room, "Fake %d", device);
    return SUCCESS;
}

int cuDeviceGetAttribute(int *value, int attribute, int device)
{
    CALL;
    REQUIRE(device >= 70 && (attribute == 16 || attribute == 75 || attribute == 76));
    *value = attribute == 16 ? 132 : attribute == 75 ? fake.capability / 10 : fake.capability % 10;
    return SUCCESS;
}

int cuDevicePrimaryCtxRetain(void **made, int device)
{
    CALL;
    REQUIRE(device >= 70);
    fake.contexts++;
    *made = &context;
    return SUCCESS;
}

int cuDevicePrimaryCtxRelease_v2(int device)
{
    int failing = fails(__func__);
    REQUIRE(device >= 70 && fake.contexts > 0 && (fake.contexts > 1 || fake.streams + fake.modules + fake.pieces == 0));
    fake.contexts--;
    return failing ? fake.fail_with : SUCCESS;
}

int cuCtxSetCurrent(void *which) { CALL; REQUIRE(which == &context && fake.contexts > 0); current = which; return SUCCESS; }
int cuCtxSynchronize(void) { CALL; NEEDS_CONTEXT; return SUCCESS; }
int cuStreamCreate(void **made, unsigned flags) { CALL; NEEDS_CONTEXT; REQUIRE(flags == 1); fake.streams++; *made = &stream; return SUCCESS; }
int cuStreamSynchronize(void *which) { CALL; NEEDS_CONTEXT; REQUIRE(which == &stream && fake.streams > 0); return SUCCESS; }

int cuStreamQuery(void *which)
{
    CALL;
    NEEDS_CONTEXT;
    REQUIRE(which == &stream && fake.streams > 0);
    return fake.busy > 0 ? fake.busy--, NOT_READY : SUCCESS;
}

int cuStreamDestroy_v2(void *which)
{
    int failing = fails(__func__);
    REQUIRE(which == &stream && fake.streams > 0);
    fake.streams--;
    return failing ? fake.fail_with : SUCCESS;
}

int cuModuleLoadDataEx(void **made, const char *text, unsigned count, int *options, void **values)
{
    REQUIRE(count == 2 && options[0] == 5 && options[1] == 6 && (uintptr_t)values[1] >= 1024);
    snprintf(values[0], (size_t)values[1], "ptxas says: line 1");
    CALL;
    NEEDS_CONTEXT;
    if (!strstr(text, ".entry")) return INVALID_PTX;
    snprintf(fake.text, sizeof fake.text, "%s", text);
    fake.modules++;
    *made = &module;
    return SUCCESS;
}

int cuModuleUnload(void *which)
{
    int failing = fails(__func__);
    REQUIRE(which == &module && fake.modules > 0);
    fake.modules--;
    return failing ? fake.fail_with : SUCCESS;
}

/* The sizes of an entry's parameters are read from the text, not from the caller. */
int cuModuleGetFunction(void **made, void *which, const char *name)
{
    char words[256];
    CALL;
    NEEDS_CONTEXT;
    REQUIRE(which == &module && fake.modules > 0);
    snprintf(words, sizeof words, ".entry %s(", name);
    const char *at = strstr(fake.text, words), *end = at ? strchr(at, ')') : NULL;
    if (!end) return NOT_FOUND;
    for (fake.count = 0; (at = strstr(at, ".param")) && at < end; at++) fake.sizes[fake.count++] = atoi(at + 9) / 8;
    *made = &function;
    return SUCCESS;
}

int cuMemAlloc_v2(uint64_t *made, size_t bytes)
{
    CALL;
    NEEDS_CONTEXT;
    REQUIRE(bytes > 0);
    if (bytes > fake.memory - fake.taken) return OUT_OF_MEMORY;
    for (int i = 0; i < MOST; i++) {
        if (!fake.piece[i].at) {
            fake.piece[i] = (struct piece){ malloc(bytes), bytes };
            fake.taken += bytes, fake.pieces++;
            *made = (uint64_t)fake.piece[i].at;
            return SUCCESS;
        }
    }
    return OUT_OF_MEMORY;
}

int cuMemFree_v2(uint64_t which)
{
    int failing = fails(__func__);
    for (int i = 0; i < MOST; i++) {
        if (which && (uint64_t)fake.piece[i].at == which) {
            free(fake.piece[i].at);
            fake.taken -= fake.piece[i].bytes, fake.pieces--;
            fake.piece[i].at = NULL;
            return failing ? fake.fail_with : SUCCESS;
        }
    }
    return misuse(__func__, INVALID_VALUE);
}

int cuMemcpyHtoDAsync_v2(uint64_t to, const void *from, size_t bytes, void *which)
{
    CALL;
    NEEDS_CONTEXT;
    REQUIRE(which == &stream && within(to, bytes));
    memcpy((void *)to, from, bytes);
    return SUCCESS;
}

int cuMemcpyDtoHAsync_v2(void *to, uint64_t from, size_t bytes, void *which)
{
    CALL;
    NEEDS_CONTEXT;
    REQUIRE(which == &stream && within(from, bytes));
    memcpy(to, (void *)from, bytes);
    return SUCCESS;
}

int cuMemcpyDtoDAsync_v2(uint64_t to, uint64_t from, size_t bytes, void *which)
{
    CALL;
    NEEDS_CONTEXT;
    REQUIRE(which == &stream && within(from, bytes) && within(to, bytes));
    memcpy((void *)to, (void *)from, bytes);
    return SUCCESS;
}

int cuLaunchKernel(
    void *which, unsigned x, unsigned y, unsigned z, unsigned sizeX, unsigned sizeY, unsigned sizeZ, unsigned shared, void *on, void **arguments, void **extra)
{
    CALL;
    NEEDS_CONTEXT;
    REQUIRE(which == &function && on == &stream && !extra && shared == 0 && x && y && z && sizeX && sizeX <= 1024 && sizeY == 1 && sizeZ == 1);
    uint64_t grid[] = { x, y, z, sizeX, sizeY, sizeZ };
    memcpy(fake.grid, grid, sizeof grid);
    for (int i = 0; i < fake.count; i++) {
        fake.argument[i] = 0;
        memcpy(&fake.argument[i], arguments[i], (size_t)fake.sizes[i]);
    }
    return SUCCESS;
}
