using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Gpu;
using VerifiableCompute.Engine.Kernels.Gpu.Drivers;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu;

[Category("gpu")]
internal sealed class OpenClDeviceTests
{
    private const string Made = """
        KERNEL(spin, 1)(__global uint *out, uint n)
        {
            uint x = 1;
            for (uint i = 0; i < n; i++) x = x * 1664525u + 1013904223u;
            out[0] = x;
        }

        KERNEL(arguments, 4)(__global ulong *out, int a, long b, float c, f64 d, __global const uint *none)
        {
            int i = local_id();
            ulong value = i == 0 ? (ulong)(long)a : i == 1 ? (ulong)b : i == 2 ? (ulong)bits_of(c) : bits_of_f64(d);
            out[((group_z() * 3 + group_y()) * groups_x() + group_x()) * 4 + i] = none ? 0 : value;
        }

        __kernel void loose(__global uint *out) { out[0] = 1; }
        """;

    private OpenClDevice _device = null!;

    [SetUp]
    public void Open() => _device = GpuTest.OpenCl(
        source: name => name switch
        {
            "Made" => KernelTexts.Source("Range") + Made,
            "Broken" => "__kernel void broken() { nonsense; }",
            _ => KernelTexts.Source(name),
        });

    [TearDown]
    public void Close()
    {
        _device?.Dispose();
        _device?.Dispose();
    }

    [Test]
    public void The_description_is_filled()
    {
        GpuDescription it = _device.Description;
        TestContext.Out.WriteLine(it);
        Assert.That(it.Driver, Is.EqualTo("opencl"));
        Assert.That((string[])[it.Name, it.Vendor, it.Version], Has.None.Empty);
        Assert.That((long[])[it.Units, it.MemoryBytes, it.LargestBuffer, (long)it.FloatConfig], Is.All.Positive);
        Assert.That(it.LargestBuffer, Is.LessThanOrEqualTo(it.MemoryBytes));
        Assert.That(_device.Budget, Is.EqualTo(it.MemoryBytes / 5 * 4));
        GpuEntry first = GpuDevices.List()[0];
        Assert.That((first.Name, first.Absence), Is.EqualTo(("opencl:0", (string?)null)));

        // A device that is the processor may say what is free just now.
        Assert.That(first.Description! with { MemoryBytes = it.MemoryBytes, LargestBuffer = it.LargestBuffer }, Is.EqualTo(it));
        Assert.That(first.BudgetBytes, Is.EqualTo(first.Description!.MemoryBytes / 5 * 4));
    }

    [Test]
    public void Bytes_come_back_as_they_went([Values(1, 255, 256, 257, 100_003)] int size)
    {
        byte[] bytes = Bytes(size, 1);
        using GpuBuffer first = _device.Allocate(size);
        using GpuBuffer second = _device.Allocate(size + 7);
        _device.Write(first, 0, bytes);
        _device.Copy(first, 0, second, 7, size);
        int part = size / 3;
        _device.Write(first, part, Bytes(size - part, 2));
        byte[] back = new byte[size];
        _device.Read(second, 7, back);
        Assert.That(back, Is.EqualTo(bytes));
        _device.Read(first, 0, back);
        Assert.That(back, Is.EqualTo((byte[])[.. bytes[..part], .. Bytes(size - part, 2)]));
        byte[] piece = new byte[size - part];
        _device.Read(first, part, piece);
        Assert.That(piece, Is.EqualTo(Bytes(size - part, 2)));
    }

    [Test]
    public void Small_writes_are_not_mixed_up([Values(1, 100, 4096)] int size)
    {
        const int Writes = 300;
        using GpuBuffer buffer = _device.Allocate(Writes * size);
        byte[] bytes = new byte[size];
        for (int i = 0; i < Writes; i++)
        {
            bytes.AsSpan().Fill((byte)(i % 251));
            _device.Write(buffer, i * size, bytes);
        }

        byte[] back = new byte[Writes * size];
        _device.Read(buffer, 0, back);
        Assert.That(back.Chunk(size).Select(part => part.Distinct().Single()), Is.EqualTo(Enumerable.Range(0, Writes).Select(i => (byte)(i % 251))));
    }

    [Test]
    public void Ranges_of_one_buffer_are_copied_unless_they_overlap()
    {
        using GpuBuffer buffer = _device.Allocate(64);
        _device.Write(buffer, 0, Bytes(64, 3));
        _device.Copy(buffer, 0, buffer, 32, 32);
        byte[] back = new byte[64];
        _device.Read(buffer, 0, back);
        Assert.That(back, Is.EqualTo((byte[])[.. Bytes(64, 3)[..32], .. Bytes(64, 3)[..32]]));
        Assert.Throws<ArgumentException>(() => _device.Copy(buffer, 0, buffer, 31, 32));
        Assert.Throws<ArgumentException>(() => _device.Copy(buffer, 31, buffer, 0, 32));
    }

    [Test]
    public void Nothing_is_read_or_written_outside()
    {
        using GpuBuffer buffer = _device.Allocate(10);
        using GpuBuffer empty = _device.Allocate(0);
        using GpuBuffer large = _device.Allocate(100);
        Assert.Throws<ArgumentOutOfRangeException>(() => _device.Write(buffer, 3, new byte[8]));
        Assert.Throws<ArgumentOutOfRangeException>(() => _device.Write(buffer, -1, new byte[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => _device.Read(buffer, long.MaxValue, new byte[2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => _device.Read(empty, 0, new byte[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => _device.Copy(large, 0, buffer, 0, 11));
        Assert.Throws<ArgumentOutOfRangeException>(() => _device.Copy(buffer, 0, large, 90, 11));
        Assert.Throws<ArgumentOutOfRangeException>(() => _device.Copy(buffer, 0, large, 0, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => _device.Allocate(-1));
        _device.Write(empty, 0, []);
        _device.Read(empty, 0, []);
        _device.Copy(empty, 0, buffer, 10, 0);
    }

    [Test]
    public void Strided_elements_are_copied([Values("copy8", "copy16", "copy32", "copy64")] string entry)
    {
        int size = int.Parse(entry[4..], System.Globalization.CultureInfo.InvariantCulture) / 8;
        int[] shape = [2, 1, 3, 1, 2, 5, 1, 7];
        long[] strides = [300, 5, -90, 0, 8, 0, 11, 1];
        const int Offset = 200;
        const int First = 3;
        int count = shape.Aggregate(1, (product, length) => product * length);
        byte[] from = Bytes(600 * size, 4);
        byte[] expected = new byte[(First + count) * size];
        for (int i = 0; i < count; i++)
        {
            long at = Offset;
            for (int axis = 7, rest = i; axis >= 0; rest /= shape[axis], axis--)
            {
                at += rest % shape[axis] * strides[axis];
            }

            from.AsSpan((int)at * size, size).CopyTo(expected.AsSpan((First + i) * size));
        }

        using GpuBuffer source = _device.Allocate(from.Length);
        using GpuBuffer target = _device.Allocate(expected.Length);
        _device.Write(source, 0, from);
        _device.Write(target, 0, new byte[expected.Length]);
        GpuKernel kernel = _device.Kernel("Copy", entry);
        Assert.That(kernel, Is.SameAs(_device.Kernel("Copy", entry)));
        Assert.That((kernel.Name, kernel.GroupSize), Is.EqualTo(($"Copy.{entry}", 256)));
        _device.Launch(
            kernel,
            new GpuGrid((count + 255) / 256),
            [
                source, (long)Offset, target, (long)First, count,
                shape[1], shape[2], shape[3], shape[4], shape[5], shape[6], shape[7],
                strides[0], strides[1], strides[2], strides[3], strides[4], strides[5], strides[6], strides[7],
            ]);
        byte[] actual = new byte[expected.Length];
        _device.Read(target, 0, actual);
        Assert.That(actual, Is.EqualTo(expected));
    }

    [Test]
    public void Arguments_and_groups_arrive()
    {
        using GpuBuffer target = _device.Allocate(2 * 3 * 5 * 4 * 8);
        _device.Launch(_device.Kernel("Made", "arguments"), new GpuGrid(5, 3, 2), [target, -3, long.MinValue + 9, -0f, double.Epsilon, GpuArgument.Of(null)]);
        ulong[] actual = new ulong[2 * 3 * 5 * 4];
        _device.Read(target, 0, MemoryMarshal.AsBytes(actual.AsSpan()));
        Assert.That(actual.Chunk(4), Has.All.EqualTo((ulong[])[unchecked((ulong)-3L), (1ul << 63) + 9, 0x80000000, 1]));
    }

    [Test]
    public void Launches_that_do_not_fit_are_refused()
    {
        using GpuBuffer target = _device.Allocate(4);
        using OpenClDevice other = GpuTest.OpenCl();
        using GpuBuffer foreign = other.Allocate(4);
        GpuKernel kernel = _device.Kernel("Made", "spin");
        Assert.Throws<ArgumentException>(() => _device.Launch(kernel, new GpuGrid(1), [target]), "too few");
        Assert.Throws<ArgumentException>(() => _device.Launch(kernel, new GpuGrid(1), [target, 1u, 1u]), "too many");
        Assert.Throws<ArgumentException>(() => _device.Launch(kernel, new GpuGrid(1), [foreign, 1u]), "another device's");
        Assert.Throws<ArgumentException>(() => other.Launch(kernel, new GpuGrid(1), [foreign, 1u]), "another device's");
        Assert.Throws<ArgumentException>(() => _device.Write(foreign, 0, new byte[1]), "another device's");
        Assert.Throws<BackendException>(() => _device.Launch(kernel, new GpuGrid(1), [target, 1L]), "of another size");
        Assert.Throws<ArgumentOutOfRangeException>(() => _device.Launch(kernel, new GpuGrid(-1), [target, 1u]));
        Assert.Throws<ArgumentOutOfRangeException>(() => _device.Launch(kernel, new GpuGrid(1L << 31), [target, 1u]));
        Assert.Throws<ArgumentOutOfRangeException>(() => _device.Launch(kernel, new GpuGrid(1, 65_536), [target, 1u]));
        Assert.Throws<ArgumentOutOfRangeException>(() => _device.Launch(kernel, new GpuGrid(1, 1, 65_536), [target, 1u]));
        _device.Write(target, 0, [1, 2, 3, 4]);
        _device.Launch(kernel, new GpuGrid(0), [target, 1u]);
        _device.Launch(kernel, new GpuGrid(1, 0), [target, 1u]);
        byte[] back = new byte[4];
        _device.Read(target, 0, back);
        Assert.That(back, Is.EqualTo((byte[])[1, 2, 3, 4]), "nothing ran");
    }

    [Test]
    public void A_text_that_does_not_compile_says_why()
    {
        Assert.That(Assert.Throws<BackendException>(() => _device.Kernel("Broken", "broken"))!.Message, Does.Contain("nonsense"));
        Assert.Throws<BackendException>(() => _device.Kernel("Copy", "copy7"));
        Assert.Throws<ArgumentException>(() => _device.Kernel("Nothing", "copy8"));
        Assert.That(Assert.Throws<BackendException>(() => _device.Kernel("Made", "loose"))!.Message, Does.Contain("does not fix"));
        Assert.That(_device.Kernel("Copy", "copy8").GroupSize, Is.EqualTo(256), "the device works on");
    }

    [Test]
    public void Kernels_are_those_of_the_ptx([ValueSource(typeof(KernelTexts), nameof(KernelTexts.Names))] string name)
    {
        string ptx = KernelTexts.Ptx(name) ?? throw new AssertionException("there is no PTX");
        Assert.That(Entries(ptx), Is.Not.Empty);
        foreach (string entry in Entries(ptx))
        {
            (int size, IReadOnlyList<int> parameters) = new PtxText(ptx).Entry(entry);
            DriverKernel kernel = (DriverKernel)_device.Kernel(name, entry);
            Assert.That((kernel.GroupSize, kernel.Arguments), Is.EqualTo((size, parameters.Count)), entry);
        }

        static string[] Entries(string ptx)
            => [.. System.Text.RegularExpressions.Regex.Matches(ptx, @"\.entry (\w+)\(").Select(match => match.Groups[1].Value)];
    }

    [Test]
    public void A_wait_is_cancelled_and_what_is_queued_goes_on()
    {
        const uint Many = 1_000_000_000;
        GpuKernel kernel = _device.Kernel("Made", "spin");
        GpuBuffer target = _device.Allocate(4);
        _device.Launch(kernel, new GpuGrid(1), [target, 1u]);
        _device.Finish();
        _device.Launch(kernel, new GpuGrid(1), [target, Many]);
        using CancellationTokenSource source = new(TimeSpan.FromMilliseconds(20));
        Assert.Throws<OperationCanceledException>(() => _device.Finish(source.Token));
        Assert.Throws<OperationCanceledException>(() => _device.Finish(source.Token), "at once");

        // A small write is queued too.
        _device.Write(target, 0, new byte[4]);
        using CancellationTokenSource soon = new(TimeSpan.FromMilliseconds(10));
        Assert.Throws<OperationCanceledException>(() => _device.Finish(soon.Token), "the kernel still runs");

        // Given back while the kernel runs: the next user comes after it.
        target.Dispose();
        using GpuBuffer next = _device.Allocate(4);
        Assert.That(_device.KeptBytes, Is.Zero);
        _device.Launch(kernel, new GpuGrid(1), [next, 2u]);
        using CancellationTokenSource later = new();
        _device.Finish(later.Token);
        uint[] result = new uint[1];
        _device.Read(next, 0, MemoryMarshal.AsBytes(result.AsSpan()));
        Assert.That(result[0], Is.EqualTo(Steps(2)));

        static uint Steps(int n)
        {
            uint x = 1;
            for (int i = 0; i < n; i++)
            {
                x = unchecked((x * 1664525u) + 1013904223u);
            }

            return x;
        }
    }

    [Test]
    public void The_budget_holds()
    {
        using OpenClDevice small = GpuTest.OpenCl(1 << 20);
        using GpuBuffer half = small.Allocate(1 << 19);
        GpuBuffer other = small.Allocate(1 << 19);
        Assert.Throws<GpuMemoryException>(() => small.Allocate(1));
        Assert.That(small.HeldBytes, Is.EqualTo(1 << 20));
        other.Dispose();
        using GpuBuffer first = small.Allocate(1 << 18);
        using GpuBuffer second = small.Allocate(1 << 18);
        Assert.That((small.HeldBytes, small.KeptBytes), Is.EqualTo((1L << 20, 0L)));
    }

    [Test]
    public void More_than_there_is_is_refused()
    {
        using OpenClDevice open = GpuTest.OpenCl(long.MaxValue);
        Assert.Throws<GpuMemoryException>(() => open.Allocate(open.Description.LargestBuffer + 1));
        Assert.Throws<GpuMemoryException>(() => open.Allocate(long.MaxValue));
        using GpuBuffer buffer = open.Allocate(16);
        open.Write(buffer, 0, new byte[16]);
    }

    [Test]
    public void Many_buffers_come_and_go()
    {
        Adversarial random = new(3);
        List<GpuBuffer> alive = [];
        for (int i = 0; i < 20_000; i++)
        {
            if (alive.Count > 0 && random.Below(100) < 49)
            {
                int which = random.Below(alive.Count);
                alive[which].Dispose();
                alive.RemoveAt(which);
            }
            else
            {
                alive.Add(_device.Allocate(random.Below(5000)));
            }
        }

        Assert.That(_device.HeldBytes, Is.GreaterThanOrEqualTo(alive.Sum(buffer => buffer.Bytes)));
        alive.ForEach(buffer => buffer.Dispose());
        Assert.That(_device.HeldBytes, Is.Zero);
    }

    [Test]
    public void Forgotten_buffers_and_devices_are_given_back()
    {
        Forget(_device);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.That(_device.HeldBytes, Is.Zero);
        for (int i = 0; i < 3; i++)
        {
            ForgetDevice();
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        using GpuBuffer buffer = _device.Allocate(16);
        _device.Write(buffer, 0, new byte[16]);
    }

    [Test]
    public void What_was_given_back_is_of_no_use()
    {
        GpuBuffer buffer = _device.Allocate(16);
        GpuKernel kernel = _device.Kernel("Made", "spin");
        buffer.Dispose();
        buffer.Dispose();
        Assert.That(_device.HeldBytes, Is.Zero);
        Assert.Throws<ObjectDisposedException>(() => _device.Read(buffer, 0, new byte[1]));
        Assert.Throws<ObjectDisposedException>(() => _device.Launch(kernel, new GpuGrid(1), [buffer, 1u]));
        GpuBuffer later = _device.Allocate(16);
        _device.Dispose();
        Assert.Throws<ObjectDisposedException>(() => _device.Allocate(1));
        Assert.Throws<ObjectDisposedException>(() => _device.Write(later, 0, new byte[1]));
        Assert.Throws<ObjectDisposedException>(() => _device.Read(later, 0, new byte[1]));
        Assert.Throws<ObjectDisposedException>(() => _device.Copy(later, 0, later, 8, 1));
        Assert.Throws<ObjectDisposedException>(() => _device.Kernel("Copy", "copy8"));
        Assert.Throws<ObjectDisposedException>(() => _device.Launch(kernel, new GpuGrid(1), [later, 1u]));
        Assert.Throws<ObjectDisposedException>(() => _device.Finish());
        later.Dispose();
        Assert.That(_device.HeldBytes, Is.Zero);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Forget(OpenClDevice device)
    {
        for (int i = 0; i < 10; i++)
        {
            device.Write(device.Allocate(1000), 0, new byte[1000]);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ForgetDevice()
    {
        OpenClDevice device = GpuTest.OpenCl();
        Forget(device);
        device.Kernel("Copy", "copy8");
    }

    private static byte[] Bytes(int size, int seed)
    {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++)
        {
            bytes[i] = (byte)((i * 31 % 251) + seed);
        }

        return bytes;
    }
}
