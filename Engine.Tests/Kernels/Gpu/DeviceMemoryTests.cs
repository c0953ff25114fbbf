using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

using NUnit.Framework;

using VerifiableCompute.Engine.Kernels.Gpu;
using VerifiableCompute.Engine.Kernels.Gpu.Drivers;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu;

/// <summary>The budget and the pool, over pieces that are counted and no memory.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class DeviceMemoryTests
{
    private int _made;
    private int _gone;
    private int _refusals;

    [Test]
    public void Sizes_are_few_and_near()
    {
        DeviceMemory memory = Make(long.MaxValue);
        HashSet<long> sizes = [];
        for (long bytes = 0; bytes < 1 << 20; bytes++)
        {
            long size = memory.SizeOf(bytes);
            sizes.Add(size);
            if (size < bytes || size > Math.Max(256, bytes) + Math.Max(256, bytes / 8) || memory.SizeOf(size) != size || size % 256 != 0)
            {
                Assert.Fail($"{bytes} bytes in {size}");
            }
        }

        Assert.That(sizes, Has.Count.LessThan(90));
    }

    [Test]
    public void Nothing_is_larger_than_the_largest()
    {
        DeviceMemory memory = Make(long.MaxValue, largest: 1000);
        Assert.That(memory.SizeOf(1000), Is.EqualTo(1000));
        Assert.That(memory.SizeOf(769), Is.EqualTo(1000));
        Assert.Throws<GpuMemoryException>(() => memory.SizeOf(1001));
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.SizeOf(-1));
    }

    [Test]
    public void What_is_given_back_is_taken_again()
    {
        DeviceMemory memory = Make(1 << 20);
        for (int i = 0; i < 100; i++)
        {
            using DeviceBuffer first = new(memory, 1000);
            using DeviceBuffer second = new(memory, 1024);
            Assert.That(memory.HeldBytes, Is.EqualTo(2048));
        }

        Assert.That((_made, _gone, memory.HeldBytes, memory.KeptBytes), Is.EqualTo((2, 0, 0L, 2048L)));
        memory.Close();
        Assert.That((_gone, memory.KeptBytes), Is.EqualTo((2, 0L)));
    }

    [Test]
    public void The_budget_holds_and_what_is_kept_makes_room()
    {
        DeviceMemory memory = Make(4096);
        DeviceBuffer first = new(memory, 2048);
        DeviceBuffer second = new(memory, 2048);
        Assert.Throws<GpuMemoryException>(() => _ = new DeviceBuffer(memory, 0));
        Assert.That((_made, memory.HeldBytes), Is.EqualTo((2, 4096L)), "a refusal changes nothing");
        first.Dispose();
        first.Dispose();
        Assert.That((memory.HeldBytes, memory.KeptBytes), Is.EqualTo((2048L, 2048L)), "given back once");
        using DeviceBuffer small = new(memory, 256);
        Assert.That((_made, _gone, memory.HeldBytes, memory.KeptBytes), Is.EqualTo((3, 1, 2304L, 0L)));
        second.Dispose();
    }

    [Test]
    public void A_device_without_memory_is_asked_again_when_what_was_kept_is_gone()
    {
        DeviceMemory memory = Make(1 << 20);
        new DeviceBuffer(memory, 2048).Dispose();
        _refusals = 1;
        using DeviceBuffer other = new(memory, 4096);
        Assert.That((_made, _gone, memory.KeptBytes), Is.EqualTo((2, 1, 0L)));
        _refusals = 1;
        Assert.Throws<GpuMemoryException>(() => _ = new DeviceBuffer(memory, 512), "there was nothing to give back");
        Assert.That(memory.HeldBytes, Is.EqualTo(4096));
    }

    [Test]
    public void Forgotten_buffers_come_back()
    {
        DeviceMemory memory = Make(1 << 20);
        Forget(memory);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.That((_made, _gone, memory.HeldBytes, memory.KeptBytes), Is.EqualTo((10, 10, 0L, 0L)));
    }

    [Test]
    public void A_buffer_may_outlive_its_device()
    {
        DeviceMemory memory = Make(1 << 20);
        DeviceBuffer buffer = new(memory, 1);
        memory.Close();
        Assert.That(_gone, Is.Zero);
        buffer.Dispose();
        Assert.That((_gone, memory.HeldBytes, memory.KeptBytes), Is.EqualTo((1, 0L, 0L)));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Forget(DeviceMemory memory)
    {
        for (int i = 0; i < 10; i++)
        {
            _ = new DeviceBuffer(memory, 1000);
        }
    }

    private DeviceMemory Make(long budget, long largest = 1L << 40) => new(budget, largest, _ =>
    {
        if (_refusals-- > 0)
        {
            throw new GpuMemoryException("none");
        }

        _made++;
        return new Piece(() => Interlocked.Increment(ref _gone));
    });

    private sealed class Piece : SafeHandle
    {
        private readonly Action _gone;

        internal Piece(Action gone)
            : base(0, ownsHandle: true)
        {
            _gone = gone;
            SetHandle(1);
        }

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            _gone();
            return true;
        }
    }
}
