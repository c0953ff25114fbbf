/* OpenCL as it is installed, for tests: it counts what is alive, can fail at the n-th call, and can say what f64 a device has. What gives something back
   does so even when it reports a failure. */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static int calls, fail_at, fail_with, fail_on, alive;
static char failed[64];
static int doubles_are_given;
static uint64_t doubles;

void failing_reset(int at, int with, int on)
{
    calls = 0, alive = 0, failed[0] = 0;
    fail_at = at, fail_with = with, fail_on = on;
    doubles_are_given = 0;
}

void failing_doubles(uint64_t config) { doubles_are_given = 1, doubles = config; }

int failing_calls(void) { return calls; }
int failing_alive(void) { return alive; }
const char *failing_failed(void) { return failed; }

static int fails(const char *call)
{
    calls++;
    if (fail_at == 0 || calls < fail_at || (calls > fail_at && !fail_on)) return 0;
    if (!failed[0]) snprintf(failed, sizeof failed, "%s", call);
    return 1;
}

static void *real(const char *name)
{
    static void *library;
    if (!library) library = dlopen("libOpenCL.so.1", RTLD_NOW);
    return library ? dlsym(library, name) : NULL;
}

/* A function that returns a status; one that makes something and stores its status; one that gives something back. */
#define ASKS(name, parameters, arguments) \
    int name parameters { return fails(#name) ? fail_with : ((int (*) parameters)real(#name)) arguments; }
#define MAKES(name, parameters, arguments) \
    void *name parameters \
    { \
        if (fails(#name)) return *status = fail_with, NULL; \
        void *made = ((void *(*) parameters)real(#name)) arguments; \
        return alive += made != NULL, made; \
    }
#define RELEASES(name) \
    int name(void *it) \
    { \
        int failing = fails(#name), status = ((int (*)(void *))real(#name))(it); \
        return alive -= status == 0, failing ? fail_with : status; \
    }

typedef void *any;
typedef uint32_t u32;
typedef uint64_t u64;

ASKS(clGetPlatformIDs, (u32 room, any *to, u32 *count), (room, to, count))
ASKS(clGetDeviceIDs, (any platform, u64 type, u32 room, any *to, u32 *count), (platform, type, room, to, count))
MAKES(clCreateContext, (any with, u32 count, any *devices, any notify, any data, int *status), (with, count, devices, notify, data, status))
RELEASES(clReleaseContext)
MAKES(clCreateCommandQueue, (any context, any device, u64 how, int *status), (context, device, how, status))
RELEASES(clReleaseCommandQueue)
ASKS(clFlush, (any queue), (queue))
ASKS(clFinish, (any queue), (queue))
MAKES(clCreateProgramWithSource, (any context, u32 count, any texts, any lengths, int *status), (context, count, texts, lengths, status))
RELEASES(clReleaseProgram)
ASKS(clBuildProgram, (any program, u32 count, any *devices, any options, any notify, any data), (program, count, devices, options, notify, data))
ASKS(clGetProgramBuildInfo, (any program, any device, u32 name, size_t room, any to, size_t *size), (program, device, name, room, to, size))
MAKES(clCreateKernel, (any program, any name, int *status), (program, name, status))
RELEASES(clReleaseKernel)
ASKS(clGetKernelInfo, (any kernel, u32 name, size_t room, any to, size_t *size), (kernel, name, room, to, size))
ASKS(clGetKernelWorkGroupInfo, (any kernel, any device, u32 name, size_t room, any to, size_t *size), (kernel, device, name, room, to, size))
ASKS(clSetKernelArg, (any kernel, u32 index, size_t size, any value), (kernel, index, size, value))
MAKES(clCreateBuffer, (any context, u64 how, size_t size, any host, int *status), (context, how, size, host, status))
RELEASES(clReleaseMemObject)
ASKS(clEnqueueWriteBuffer, (any queue, any to, u32 wait, size_t at, size_t size, any from, u32 n, any on, any made), (queue, to, wait, at, size, from, n, on, made))
ASKS(clEnqueueReadBuffer, (any queue, any from, u32 wait, size_t at, size_t size, any to, u32 n, any on, any made), (queue, from, wait, at, size, to, n, on, made))
ASKS(clEnqueueCopyBuffer, (any queue, any from, any to, size_t at, size_t put, size_t size, u32 n, any on, any made), (queue, from, to, at, put, size, n, on, made))
ASKS(clEnqueueNDRangeKernel, (any queue, any kernel, u32 axes, any first, any items, any sizes, u32 n, any on, any made),
    (queue, kernel, axes, first, items, sizes, n, on, made))
RELEASES(clReleaseEvent)

int clEnqueueMarkerWithWaitList(any queue, u32 n, any on, any *made)
{
    if (fails(__func__)) return fail_with;
    int status = ((int (*)(any, u32, any, any *))real(__func__))(queue, n, on, made);
    return alive += status == 0, status;
}

#define DOUBLE_FP_CONFIG 0x1032

int clGetDeviceInfo(any device, u32 name, size_t room, any to, size_t *size)
{
    if (fails(__func__)) return fail_with;
    int status = ((int (*)(any, u32, size_t, any, size_t *))real(__func__))(device, name, room, to, size);
    if (name == DOUBLE_FP_CONFIG && doubles_are_given && to) memcpy(to, &doubles, sizeof doubles);
    return status;
}

/* Asked once: it has happened then. So the number of calls is always the same. */
int clGetEventInfo(any event, u32 name, size_t room, any to, size_t *size)
{
    if (fails(__func__)) return fail_with;
    ((int (*)(u32, any *))real("clWaitForEvents"))(1, &event);
    return ((int (*)(any, u32, size_t, any, size_t *))real(__func__))(event, name, room, to, size);
}
