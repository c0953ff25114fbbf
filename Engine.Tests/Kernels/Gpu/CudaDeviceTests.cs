using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Gpu;
using VerifiableCompute.Engine.Kernels.Gpu.Drivers;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu;

/// <summary>The CUDA driver's side, over a driver in C that computes nothing and checks everything. Each test runs in a copy of the tests whose
/// libcuda it is.</summary>
[Category("gpu")]
internal sealed class CudaDeviceTests
{
    private const int IllegalAddress = 700;
    private const int OutOfMemory = 2;
    private const string Ptx = """
        // a comment
        .version 6.0
        .target sm_70
        .address_size 64

        .visible .entry fill(
        	.param .u64 fill_param_0,
        	.param .u32 fill_param_1,
        	.param .u64 fill_param_2,
        	.param .f32 fill_param_3,
        	.param .f64 fill_param_4
        )
        .maxntid 128, 1, 1
        {
        	ret;
        }
        .visible .entry empty()
        .maxntid 32,1,1
        {
        	ret;
        }
        .visible .entry loose(
        	.param .u64 loose_param_0
        )
        {
        	ret;
        }

        """;

    // What fails while memory is given back is not spoken of.
    private static readonly string[] Tolerated = ["cuMemFree_v2", "cuCtxSynchronize", "cuCtxSetCurrent"];

    private string _folder = string.Empty;
    private string _library = string.Empty;
    private OtherCopy _copy = null!;

    [OneTimeSetUp]
    public void Build()
    {
        _folder = Directory.CreateTempSubdirectory("vcompute-cuda-").FullName;
        _library = GpuTest.Compile("fake_cuda.c", _folder);
        _copy = new OtherCopy("VC_CUDA_LIB", _library);
    }

    [OneTimeTearDown]
    public void Remove() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void The_device_is_listed() => _copy.Run(
        library =>
        {
            FakeCuda fake = new(library);
            GpuEntry entry = GpuDevices.List()[^1];
            Assert.That((entry.Name, entry.Absence), Is.EqualTo(("cuda:0", (string?)null)));
            GpuDescription it = entry.Description!;
            Assert.That(it.Version, Does.StartWith("CUDA 12.4"));
            Assert.That(
                it with { Version = string.Empty },
                Is.EqualTo(new GpuDescription("cuda", "Fake 70", "NVIDIA", string.Empty, 132, 1 << 24, 1 << 24, 0xBF, true, 90)));
            using (IGpuDevice device = GpuDevices.Open("cuda"))
            using (IGpuDevice again = GpuDevices.Open("cuda:0", 1000))
            {
                Assert.That((device.Description, again.Description), Is.EqualTo((it, it)));
                Assert.Throws<GpuMemoryException>(() => again.Allocate(1024));
            }

            Assert.Throws<BackendException>(() => GpuDevices.Open("cuda:1"));
            fake.AssertClean("listing");
        },
        _library);

    [Test]
    public void A_driver_without_a_device_says_so() => _copy.Run(
        library =>
        {
            FakeCuda fake = new(library);
            void Says(string name, string absence)
            {
                GpuEntry entry = GpuDevices.List()[^1];
                Assert.That((entry.Name, entry.Description), Is.EqualTo((name, (GpuDescription?)null)));
                Assert.That(entry.Absence, Does.Contain(absence));
            }

            fake.Device(-1, 90, 12_040);
            Says("cuda", "no device");
            fake.Device(0, 90, 12_040);
            Says("cuda", "no device");
            fake.Device(1, 90, 10_020);
            Says("cuda", "CUDA 10.2; 11.0 is needed");
            fake.Device(2, 61, 12_040);
            Says("cuda:1", "Fake 71: compute capability 6.1; 7.0 is needed");
            fake.Device(1, 90, 12_040);
            fake.Fail(fake.Calls + 1, 999, after: false);
            Says("cuda", "cuInit: status 999");
            Assert.That(GpuDevices.List()[^1].Name, Is.EqualTo("cuda:0"));
        },
        _library);

    [TestCase(70, ".version 6.0\n.target sm_70\n")]
    [TestCase(72, ".version 6.0\n.target sm_70\n")]
    [TestCase(75, ".version 6.3\n.target sm_75\n")]
    [TestCase(80, ".version 7.0\n.target sm_80\n")]
    [TestCase(89, ".version 7.0\n.target sm_80\n")]
    [TestCase(121, ".version 7.0\n.target sm_80\n")]
    public void The_header_is_what_every_driver_of_such_devices_takes(int capability, string header) => _copy.Run(
        given =>
        {
            FakeCuda fake = new(given.Library);
            fake.Device(1, given.Capability, 11_000);
            using (CudaDevice device = FakeCuda.Open(ptx: _ => Ptx))
            {
                Assert.That(device.Kernel("Any", "fill").GroupSize, Is.EqualTo(128));
                string body = Ptx[Ptx.IndexOf(".visible", StringComparison.Ordinal)..];
                Assert.That(fake.ModuleText, Is.EqualTo($"{given.Header}.address_size 64\n// a comment\n\n{body}"));
            }

            fake.AssertClean("modules");
        },
        (Library: _library, Capability: capability, Header: header));

    [Test]
    public void A_text_for_newer_devices_is_refused() => _copy.Run(
        library =>
        {
            FakeCuda fake = new(library);
            fake.Device(1, 75, 12_040);
            using (CudaDevice device = FakeCuda.Open(ptx: name => $"// sm_{name}\n{Ptx}"))
            {
                Assert.That(Assert.Throws<BackendException>(() => device.Kernel("80", "fill"))!.Message, Does.Contain("for sm_80, the device is sm_75"));
                Assert.That(device.Kernel("75", "fill").GroupSize, Is.EqualTo(128));
                Assert.That(device.Kernel("70", "fill").GroupSize, Is.EqualTo(128));
            }

            fake.AssertClean("newer");
        },
        _library);

    [Test]
    public void Bytes_and_arguments_arrive() => _copy.Run(
        library =>
        {
            FakeCuda fake = new(library);
            using (CudaDevice device = FakeCuda.Open(ptx: _ => Ptx))
            using (GpuBuffer first = device.Allocate(100))
            using (GpuBuffer second = device.Allocate(100))
            {
                byte[] bytes = [.. Enumerable.Range(1, 90).Select(i => (byte)i)];
                byte[] back = new byte[80];
                device.Write(first, 10, bytes);
                device.Copy(first, 20, second, 5, 80);
                device.Read(second, 5, back);
                Assert.That(back, Is.EqualTo(bytes[10..]));

                GpuKernel kernel = device.Kernel("Any", "fill");
                device.Launch(kernel, new GpuGrid(int.MaxValue, 65_535, 3), [first, -2, long.MinValue + 5, -0f, double.Epsilon]);
                Assert.That(fake.Grid, Is.EqualTo((ulong[])[int.MaxValue, 65_535, 3, 128, 1, 1]));
                Assert.That(
                    Enumerable.Range(1, 4).Select(fake.Argument), Is.EqualTo((ulong[])[0xFFFFFFFE, (1ul << 63) + 5, 0x80000000, 1]));
                ulong address = fake.Argument(0);
                Assert.That(address, Is.Not.Zero);
                device.Launch(kernel, new GpuGrid(1), [GpuArgument.Of(null), 0, 0L, 0f, 0d]);
                Assert.That(fake.Argument(0), Is.Zero);
                Assert.Throws<ArgumentException>(() => device.Launch(kernel, new GpuGrid(1), [first, 0L, 0L, 0f, 0d]), "of another size");
                Assert.Throws<ArgumentException>(() => device.Launch(kernel, new GpuGrid(1), [first, 0, 0L, 0f]), "too few");
                Assert.Throws<ArgumentException>(() => device.Launch(kernel, new GpuGrid(1), [first, 0, first, 0f, 0]), "of another size");
                device.Launch(device.Kernel("Any", "empty"), new GpuGrid(7), []);
                Assert.That(fake.Grid, Is.EqualTo((ulong[])[7, 1, 1, 32, 1, 1]));
                Assert.Throws<BackendException>(() => device.Kernel("Any", "loose"));
                Assert.Throws<BackendException>(() => device.Kernel("Any", "other"));
            }

            fake.AssertClean("a run");
        },
        _library);

    [Test]
    public void The_context_is_set_on_every_thread() => _copy.Run(
        library =>
        {
            FakeCuda fake = new(library);
            CudaDevice device = FakeCuda.Open(ptx: _ => Ptx);
            GpuBuffer buffer = device.Allocate(16);
            GpuBuffer other = null!;
            GpuKernel kernel = null!;
            using CancellationTokenSource source = new();
            OnThread(() => device.Write(buffer, 0, new byte[16]));
            OnThread(() => device.Read(buffer, 0, new byte[16]));
            OnThread(() => device.Copy(buffer, 0, buffer, 8, 8));
            OnThread(() => other = device.Allocate(16));
            OnThread(() => kernel = device.Kernel("Any", "fill"));
            OnThread(() => device.Launch(kernel, new GpuGrid(1), [buffer, 0, 0L, 0f, 0d]));
            OnThread(() => device.Finish());
            OnThread(() => device.Finish(source.Token));
            OnThread(buffer.Dispose);
            OnThread(device.Dispose);
            OnThread(other.Dispose);
            fake.AssertClean("threads");
        },
        _library);

    [Test]
    public void A_wait_is_cancelled() => _copy.Run(
        library =>
        {
            FakeCuda fake = new(library);
            using (CudaDevice device = FakeCuda.Open())
            {
                fake.Busy(3);
                using CancellationTokenSource never = new();
                int calls = fake.Calls;
                device.Finish(never.Token);
                Assert.That(fake.Calls - calls, Is.EqualTo(5), "the context, and four questions");
                fake.Busy(int.MaxValue);
                using CancellationTokenSource soon = new(TimeSpan.FromMilliseconds(10));
                Assert.Throws<OperationCanceledException>(() => device.Finish(soon.Token));
                fake.Busy(0);
                device.Finish(never.Token);
            }

            fake.AssertClean("cancelled");
        },
        _library);

    [Test]
    public void Memory_that_is_not_there_is_refused() => _copy.Run(
        library =>
        {
            FakeCuda fake = new(library);
            using (CudaDevice device = FakeCuda.Open(1 << 24))
            {
                fake.Memory(1 << 20);
                using GpuBuffer half = device.Allocate(1 << 19);
                GpuBuffer other = device.Allocate(1 << 19);
                Assert.That(Assert.Throws<GpuMemoryException>(() => device.Allocate(1))!.Message, Does.Contain("CUDA_ERROR_OUT_OF_MEMORY"));
                other.Dispose();
                using GpuBuffer first = device.Allocate(1 << 18);
                using GpuBuffer second = device.Allocate(1 << 18);
                Assert.That((device.HeldBytes, device.KeptBytes), Is.EqualTo((1L << 20, 0L)), "what was kept made room");
            }

            fake.AssertClean("memory");
        },
        _library);

    [Test]
    public void A_text_that_is_not_taken_says_why() => _copy.Run(
        library =>
        {
            FakeCuda fake = new(library);
            using (CudaDevice device = FakeCuda.Open(ptx: name => name == "None" ? null : "nonsense"))
            {
                string message = Assert.Throws<BackendException>(() => device.Kernel("Any", "fill"))!.Message;
                Assert.That(message, Does.Contain("ptxas says: line 1").And.Contain("CUDA_ERROR_INVALID_PTX"));
                Assert.That(Assert.Throws<BackendException>(() => device.Kernel("None", "fill"))!.Message, Does.Contain("no PTX of None"));
            }

            fake.AssertClean("texts");
        },
        _library);

    [Test]
    public void What_is_forgotten_is_given_back() => _copy.Run(
        library =>
        {
            FakeCuda fake = new(library);
            Forget();
            for (int i = 0; i < 3; i++)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }

            fake.AssertClean("forgotten");
        },
        _library);

    [Test]
    public void Any_call_may_fail([Values(IllegalAddress, OutOfMemory)] int status, [Values] bool after) => _copy.Run(
        given =>
        {
            FakeCuda fake = new(given.Library);
            int end = 0;
            Scenario(() => end = fake.Calls);
            int calls = fake.Calls;
            fake.AssertClean("no failure");
            Assert.That(calls, Is.GreaterThan(50));
            for (int call = 1; call <= calls; call++)
            {
                fake = new FakeCuda(given.Library);
                fake.Fail(call, given.Status, given.After);
                Exception? thrown = null;
                try
                {
                    Scenario(() => { });
                }
                catch (BackendException failure)
                {
                    thrown = failure;
                }

                string about = $"call {call}, {fake.Failed}, {thrown?.Message}";
                Assert.That(fake.Failed, Is.Not.Empty, about);
                fake.AssertClean(about);
                if (thrown is null)
                {
                    Assert.That(call > end || Tolerated.Contains(fake.Failed), about);
                }
                else
                {
                    Assert.That(thrown is GpuMemoryException, Is.EqualTo(given.Status == OutOfMemory), about);
                }
            }
        },
        (Library: _library, Status: status, After: after));

    // Everything that a device can be asked for, then an end: after that, failures are not spoken of.
    private static void Scenario(Action end)
    {
        using CudaDevice device = FakeCuda.Open(1 << 14, _ => Ptx);
        using GpuBuffer first = device.Allocate(8192);
        device.Allocate(4096).Dispose();
        using GpuBuffer second = device.Allocate(8192);
        device.Write(first, 0, new byte[8192]);
        device.Write(second, 0, new byte[10]);
        device.Copy(first, 0, second, 0, 4096);
        device.Launch(device.Kernel("Any", "fill"), new GpuGrid(1), [first, 0, 0L, 0f, 0d]);
        device.Launch(device.Kernel("Other", "empty"), new GpuGrid(1), []);
        using CancellationTokenSource source = new();
        device.Finish(source.Token);
        device.Read(second, 0, new byte[4096]);
        device.Finish();
        end();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Forget()
    {
        CudaDevice device = FakeCuda.Open(ptx: _ => Ptx);
        device.Write(device.Allocate(1000), 0, new byte[1000]);
        device.Allocate(1000).Dispose();
        device.Kernel("Any", "fill");
    }

    private static void OnThread(Action work)
    {
        ExceptionDispatchInfo? failure = null;
        Thread thread = new(() =>
        {
            try
            {
                work();
            }
            catch (Exception thrown)
            {
                failure = ExceptionDispatchInfo.Capture(thrown);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }
}
