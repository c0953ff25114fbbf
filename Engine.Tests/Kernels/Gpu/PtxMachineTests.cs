using NUnit.Framework;

using VerifiableCompute.Engine.Kernels.Gpu;
using VerifiableCompute.Engine.Tests.Kernels.Gpu.Ptx;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu;

/// <summary>The interpreter runs groups, warps and threads as the manual says, and stops a kernel that does what it must not.</summary>
internal sealed class PtxMachineTests
{
    private const string Places = """
        add.u64 %rd0, %in, %at;
        add.u64 %rd1, %out, %at;
        """;

    // %rd2: this thread's word of a shared array; %rd3: its neighbour's.
    private const string Neighbours = $"""
        {Places}
        .shared .align 16 .b8 s[512];
        ld.global.u64 %d0, [%rd0];
        mov.u64 %rd4, s;
        cvt.u64.u32 %rd5, %r2;
        shl.b64 %rd6, %rd5, 3;
        add.u64 %rd2, %rd4, %rd6;
        add.u64 %rd7, %rd6, 8;
        and.b64 %rd7, %rd7, 511;
        add.u64 %rd3, %rd4, %rd7;
        """;

    private static readonly ulong[] Input = [.. Enumerable.Range(0, 128).Select(i => 0x0123456789ABCDEFUL * (ulong)(i + 1) % 0xFFFFFFFFFFFFFFC5UL)];

    [Test]
    public void Threads_and_groups_have_their_numbers()
    {
        ulong[] results = Run("""
            add.u64 %rd1, %out, %at;
            mov.u32 %r3, %nctaid.x;
            mad.lo.u32 %r4, %r3, 1000, %r1;
            mad.lo.u32 %r4, %r4, 1000, %r2;
            cvt.u64.u32 %d0, %r4;
            st.global.u64 [%rd1], %d0;
            """, groups: 2);
        Assert.That(results, Is.EqualTo(Enumerable.Range(0, 128).Select(i => (ulong)(2064000 + (i % 64)))));
    }

    [Test]
    public void Barriers_part_writing_from_reading()
    {
        ulong[] results = Run($"""
            {Neighbours}
            st.shared.u64 [%rd2], %d0;
            bar.sync 0;
            ld.shared.u64 %d1, [%rd3];
            st.global.u64 [%rd1], %d1;
            """, groups: 2);
        Assert.That(results, Is.EqualTo(Enumerable.Range(0, 128).Select(i => Input[(i / 64 * 64) + ((i + 1) % 64)])));
    }

    [Test]
    public void Branches_loops_and_tables_lead_where_they_say()
    {
        ulong[] results = Run("""
            add.u64 %rd1, %out, %at;
            mov.u64 %d0, 0;
            and.b32 %r3, %i, 3;
            brx.idx %r3, $table;
            $table: .branchtargets $a, $b, $c, $a;
            $a: mov.u64 %d0, 100;
            bra.uni $join;
            $b: add.u64 %d0, %d0, 7;
            $c: add.u64 %d0, %d0, 20;
            $join:
            mov.u32 %r4, 0;
            $loop:
            add.u64 %d0, %d0, 1000;
            add.u32 %r4, %r4, 1;
            setp.le.u32 %p0, %r4, %r3;
            @%p0 bra $loop;
            @!%p0 add.u64 %d0, %d0, 1;
            @%p0 add.u64 %d0, %d0, 2;
            st.global.u64 [%rd1], %d0;
            """);
        ulong[] expected = [1101, 2028, 3021, 4101];
        Assert.That(results, Is.EqualTo(Enumerable.Range(0, 64).Select(i => expected[i % 4])));
    }

    [Test]
    public void Memory_is_read_and_written_in_every_width()
    {
        ulong[] results = Run($"""
            {Places}
            ld.global.nc.v2.u32 {"{"}%r3, %r4{"}"}, [%rd0];
            ld.global.s8 %r5, [%rd0+1];
            ld.global.u8 %h0, [%rd0+2];
            ld.global.s16 %rd2, [%rd0+6];
            ld.u32 %f0, [%rd0+4];
            mov.b32 {"{"}%h1, %h2{"}"}, %r3;
            mov.b64 %d0, {"{"}%r4, %r5{"}"};
            {"{"} .reg .b32 tmp; mov.b64 {"{"}tmp, %r6{"}"}, %d0; {"}"}
            mov.b64 {"{"}_, %r7{"}"}, %d0;
            cvt.u64.u8 %rd3, %h0;
            cvt.u64.u16 %rd4, %h2;
            add.u64 %rd5, %rd3, %rd4;
            add.u64 %rd5, %rd5, %rd2;
            cvt.u64.u32 %rd6, %f0;
            add.u64 %rd5, %rd5, %rd6;
            cvt.s64.s32 %rd7, %r6;
            add.u64 %rd5, %rd5, %rd7;
            cvt.u64.u32 %rd8, %r7;
            xor.b64 %rd5, %rd5, %rd8;
            st.global.v2.u32 [%rd1], {"{"}%r3, %r4{"}"};
            st.global.u64 [%rd1], %rd5;
            st.global.u8 [%rd1+7], %h1;
            """);
        Assert.That(results, Is.EqualTo(Input.Take(64).Select(word => unchecked(
            (((((word >> 16) & 255) + ((word >> 16) & 0xFFFF) + (ulong)(short)(word >> 48) + (word >> 32) + (ulong)(sbyte)(word >> 8))
                ^ (uint)(sbyte)(word >> 8)) & 0x00FFFFFFFFFFFFFF) | (word << 56)))));
    }

    [Test]
    public void Threads_have_memory_of_their_own_and_modules_constants()
    {
        ulong[] results = PtxScratch.Run(
            PtxScratch.Kernel("""
                .local .align 8 .b8 depot[16];
                mov.u64 %rd2, depot;
                cvta.local.u64 %rd3, %rd2;
                cvt.u64.u32 %rd4, %i;
                st.local.u64 [depot+8], %rd4;
                ld.u64 %rd5, [%rd3+8];
                mov.u64 %rd6, t;
                and.b64 %rd7, %rd4, 1;
                shl.b64 %rd7, %rd7, 1;
                add.u64 %rd6, %rd6, %rd7;
                ld.global.u16 %h0, [%rd6];
                ld.const.f32 %f0, [c+4];
                cvt.u64.u16 %rd8, %h0;
                mul.lo.u64 %rd5, %rd5, %rd8;
                cvt.u64.u32 %rd9, %f0;
                add.u64 %rd5, %rd5, %rd9;
                add.u64 %rd1, %out, %at;
                st.global.u64 [%rd1], %rd5;
                """, 64, ".global .align 4 .b8 t[4] = {3, 0, 5, 1};\n.const .align 4 .f32 c[2] = {0f3F800000, 0f40000000};"),
            Input, 64);
        Assert.That(results, Is.EqualTo(Enumerable.Range(0, 64).Select(i => ((ulong)i * (i % 2 == 0 ? 3UL : 261)) + 0x40000000)));
    }

    [TestCase("idx", "5", "31", "i => 5")]
    [TestCase("idx", "3", "6175", "i => (i & 24) | 3")]
    [TestCase("up", "1", "0", "i => i == 0 ? 0 : i - 1")]
    [TestCase("down", "2", "31", "i => i > 29 ? i : i + 2")]
    [TestCase("bfly", "16", "31", "i => i ^ 16")]
    [TestCase("down", "4", "6175", "i => (i & 7) > 3 ? i : i + 4")]
    public void Shuffles_take_from_the_lane_they_name(string mode, string b, string c, string from)
    {
        Func<int, int> lane = from switch
        {
            "i => 5" => _ => 5,
            "i => (i & 24) | 3" => i => (i & 24) | 3,
            "i => i == 0 ? 0 : i - 1" => i => i == 0 ? 0 : i - 1,
            "i => i > 29 ? i : i + 2" => i => i > 29 ? i : i + 2,
            "i => i ^ 16" => i => i ^ 16,
            _ => i => (i & 7) > 3 ? i : i + 4,
        };
        ulong[] results = Run($"""
            {Places}
            ld.global.u32 %r3, [%rd0];
            shfl.sync.{mode}.b32 %r4, %r3, {b}, {c}, -1;
            cvt.u64.u32 %rd2, %r4;
            st.global.u64 [%rd1], %rd2;
            """);
        Assert.That(results, Is.EqualTo(Enumerable.Range(0, 64).Select(i => Input[(i / 32 * 32) + lane(i % 32)] & uint.MaxValue)));
    }

    // Lane and value to element, as strides over the lanes' two parts and the bytes' three; the layout is CUTLASS's way of writing the manual's figure.
    [TestCase("s8", "s8")]
    [TestCase("u8", "s8")]
    [TestCase("s8", "u8")]
    [TestCase("u8", "u8")]
    public void Matrix_units_multiply(string left, string right)
    {
        int[,] a = new int[16, 32];
        int[,] b = new int[32, 8];
        ulong[] input = new ulong[32 * 3];
        for (int lane = 0; lane < 32; lane++)
        {
            (int t, int g) = (lane % 4, lane / 4);
            for (int value = 0; value < 16; value++)
            {
                byte bits = unchecked((byte)((lane * 37) + (value * 101) + (lane * value)));
                input[(3 * lane) + (value / 8)] |= (ulong)bits << (8 * (value % 8));
                int place = (64 * t) + g + (16 * (value % 4)) + (8 * (value / 4 % 2)) + (256 * (value / 8));
                a[place % 16, place / 16] = left == "s8" ? unchecked((sbyte)bits) : bits;
            }

            for (int value = 0; value < 8; value++)
            {
                byte bits = unchecked((byte)((lane * 59) + (value * 43) + 7));
                input[(3 * lane) + 2] |= (ulong)bits << (8 * value);
                int place = (32 * t) + g + (8 * (value % 4)) + (128 * (value / 4));
                b[place / 8, place % 8] = right == "s8" ? unchecked((sbyte)bits) : bits;
            }
        }

        ulong[] results = PtxScratch.Run(
            PtxScratch.Kernel($$"""
                mul.wide.u32 %rd0, %i, 24;
                add.u64 %rd0, %rd0, %in;
                ld.global.u32 %r3, [%rd0];
                ld.global.u32 %r4, [%rd0+4];
                ld.global.u32 %r5, [%rd0+8];
                ld.global.u32 %r6, [%rd0+12];
                ld.global.u32 %r7, [%rd0+16];
                ld.global.u32 %r8, [%rd0+20];
                mov.u32 %r9, %i;
                mov.u32 %r10, -5;
                mma.sync.aligned.m16n8k32.row.col.s32.{{left}}.{{right}}.s32 {%r11, %r12, %r13, %r14}, {%r3, %r4, %r5, %r6}, {%r7, %r8}, {%r9, %r10, %r9, %r10};
                shl.b64 %rd1, %at, 1;
                add.u64 %rd1, %rd1, %out;
                st.global.v4.u32 [%rd1], {%r11, %r12, %r13, %r14};
                """),
            input, 64);
        for (int lane = 0; lane < 32; lane++)
        {
            for (int value = 0; value < 4; value++)
            {
                int place = (32 * (lane % 4)) + (lane / 4) + (16 * (value % 2)) + (8 * (value / 2));
                int sum = value % 2 == 0 ? lane : -5;
                for (int k = 0; k < 32; k++)
                {
                    sum += a[place % 16, k] * b[k, place / 16];
                }

                Assert.That(unchecked((int)(results[(2 * lane) + (value / 2)] >> (32 * (value % 2)))), Is.EqualTo(sum), $"lane {lane}, register {value}");
            }
        }
    }

    [TestCase("ld.global.u64 %d0, [%in+1024];", "8 bytes at 1024 of buffer 0, which has 1024")]
    [TestCase("ld.global.u64 %d0, [%in+-8];", "8 bytes at -8 of buffer 0")]
    [TestCase("ld.global.u64 %d0, [%in+4];", "not aligned")]
    [TestCase("ld.global.v4.u32 {%r3, %r4, %r5, %r6}, [%in+8];", "not aligned")]
    [TestCase("ld.global.u32 %r3, [%in+4294967296];", "which has 1024")]
    [TestCase("st.global.u32 [%out+512], %r1;", "4 bytes at 512 of buffer 1, which has 512")]
    [TestCase("ld.shared.u32 %r3, [%in];", "no Shared memory")]
    [TestCase("ld.const.u32 %r3, [%in];", "no Const memory")]
    [TestCase("mov.u64 %rd0, 0; ld.global.u32 %r3, [%rd0];", "no Global memory")]
    [TestCase("mov.u64 %rd0, 0; ld.u32 %r3, [%rd0];", "no Generic memory")]
    [TestCase(".shared .align 4 .b8 s[8]; ld.shared.u32 %r3, [s];", "before anybody writes it")]
    [TestCase(".shared .align 4 .b8 s[8]; st.shared.u32 [s], %r1;", "another thread|thread 0 uses")]
    [TestCase(".shared .align 4 .b8 s[8]; .shared .align 4 .b8 t[8]; st.shared.u32 [s+8], %r1;", "4 bytes at 8 of s, which has 8")]
    [TestCase("mov.u32 %r3, 0; div.s32 %r3, %r1, %r3;", "divide")]
    [TestCase("setp.eq.u32 %p0, %r2, 5; @%p0 bra $L; bar.sync 0; $L:", "thread 5: this thread is not at the barrier")]
    [TestCase("setp.lt.u32 %p0, %r2, 5; @%p0 bra $L; bar.sync 0; bra $M; $L: bar.sync 0; $M:", "thread 5: this thread is not at the barrier")]
    [TestCase("setp.eq.u32 %p0, %r2, 5; @%p0 bra $L; shfl.sync.idx.b32 %r3, %r1, 0, 31, -1; $L:", "warp")]
    [TestCase("shfl.sync.idx.b32 %r3, %r1, 0, 31, 255;", "whole warps")]
    [TestCase("mov.u32 %r3, 4; brx.idx %r3, $T; $T: .branchtargets $L; $L:", "past the end of a table")]
    [TestCase("st.global.u64 [%out], %at;", "buffer 1, which thread 0 uses")]
    [TestCase(
        "ld.global.u32 %r3, [%out]; bar.sync 0; add.u64 %rd1, %out, %at; st.global.u64 [%rd1], %at; ld.global.u32 %r3, [%out];",
        "thread 1 reads byte 0 of buffer 1")]
    [TestCase("ld.global.u32 %r3, [%out+504]; add.u64 %rd1, %out, %at; st.global.u64 [%rd1], %at;", "buffer 1, which another thread uses")]
    [TestCase("add.u64 %rd1, %out, %at; st.global.u64 [%rd1], %at; ld.global.nc.u64 %d0, [%rd1];", "which thread 0 writes")]
    [TestCase("$L: bra $L;", "comes to no end")]
    public void What_a_kernel_must_not_do_stops_it(string body, string reason)
    {
        PtxException stopped = Assert.Throws<PtxException>(() => Run(body))!;
        Assert.That(stopped.Message, Does.StartWith("k, line ").And.Match(reason).IgnoreCase);
    }

    [Test]
    public void Groups_of_a_launch_do_not_share()
    {
        const string Write = "mov.u32 %r3, %tid.x; mul.wide.u32 %rd0, %r3, 8; add.u64 %rd1, %out, %rd0; st.global.u64 [%rd1], %rd0;";
        Assert.That(() => Run(Write, groups: 2), Throws.TypeOf<PtxException>().With.Message.Contains("another group"));
        Assert.That(() => Run(Write, groups: 1), Throws.Nothing);
    }

    [Test]
    public void A_missing_barrier_is_seen()
    {
        string kernel = $"""
            {Neighbours}
            st.shared.u64 [%rd2], %d0;
            bar.sync 0;
            st.shared.u64 [%rd2], %rd1;
            ld.shared.u64 %d1, [%rd3];
            st.global.u64 [%rd1], %d1;
            """;
        Assert.That(() => Run(kernel), Throws.TypeOf<PtxException>().With.Message.EndsWith("thread 1 writes byte 8 of s, which thread 0 uses"));
    }

    [TestCase("add.f32 %f1, %f2, %f3;", "no such instruction")]
    [TestCase("add.rn.ftz.f32 %f1, %f2, %f3;", "no such instruction")]
    [TestCase("min.f32 %f1, %f2, %f3;", "no such instruction")]
    [TestCase("ex2.approx.f32 %f1, %f2;", "no such instruction")]
    [TestCase("atom.global.add.f32 %f1, [%in], %f2;", "no such instruction")]
    [TestCase("add.u32 %r3, %r1, %rd1;", "has 64 bits, not 32")]
    [TestCase("add.u32 %r3, %r1;", "1 operands|2 operands")]
    [TestCase("ld.global.u64 %r3, [%in];", "have not 64 bits")]
    [TestCase("ld.global.u32 %r3, [%r1];", "has 32 bits, not 64")]
    [TestCase("ld.global.cg.u32 %r3, [%in];", "no such access|no type")]
    [TestCase("ld.param.u32 %r3, [k_param_2];", "no parameter")]
    [TestCase("mov.u32 %r3, %clock;", "%clock is not known")]
    [TestCase("mov.u32 %r3, %q;", "%q is not known")]
    [TestCase("bra $nowhere;", "no label")]
    [TestCase("bar.sync 1;", "barrier 0")]
    [TestCase("call.uni f, (%r1);", "stands where|no such instruction")]
    [TestCase(".shared .align 4 .b8 s[50000];", "shared memory")]
    [TestCase("add.u32 %r3, %r1, 2x;", "no number")]
    [TestCase(".reg .b128 %q;", "no type")]
    [TestCase("?", "no token")]
    public void What_is_not_known_is_refused(string body, string reason) =>
        Assert.That(() => Run(body), Throws.TypeOf<PtxException>().With.Message.Matches(reason));

    [Test]
    public void Buffers_that_were_given_back_are_gone()
    {
        using InterpretedDevice device = new(_ => PtxScratch.Kernel("ld.global.u64 %d0, [%in]; st.global.u64 [%out], %d0;", group: 1));
        GpuBuffer from = device.Allocate(8);
        using GpuBuffer to = device.Allocate(8);
        Assert.That(device.HeldBytes, Is.EqualTo(16));
        GpuKernel kernel = device.Kernel("scratch", "k");
        Assert.That(kernel.GroupSize, Is.EqualTo(1));
        device.Launch(kernel, new GpuGrid(1), [from, to]);
        from.Dispose();
        Assert.That(device.HeldBytes, Is.EqualTo(8));
        Assert.That(() => device.Launch(kernel, new GpuGrid(1), [from, to]), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => device.Launch(kernel, new GpuGrid(1), [GpuArgument.Of(null), to]),
            Throws.TypeOf<PtxException>().With.Message.Contains("no Global memory"));
        Assert.That(() => device.Launch(kernel, new GpuGrid(0), [GpuArgument.Of(null), to]), Throws.Nothing);
        Assert.That(() => device.Allocate(1L << 40), Throws.TypeOf<GpuMemoryException>());
    }

    [Test]
    public void It_is_fast_enough_for_whole_contracts()
    {
        using InterpretedDevice device = new(_ => PtxScratch.Kernel("""
            ld.global.f32 %f0, [%in];
            mov.u32 %r3, 0;
            $loop:
            fma.rn.f32 %f1, %f0, %f0, %f1;
            add.rn.f32 %f2, %f1, %f0;
            mad.lo.s32 %r4, %r3, 7, %r4;
            cvt.s64.s32 %rd0, %r4;
            shl.b64 %rd1, %rd0, 2;
            add.u32 %r3, %r3, 1;
            setp.lt.u32 %p0, %r3, 20000;
            @%p0 bra $loop;
            """), watch: false);
        using GpuBuffer buffer = device.Allocate(8);
        GpuKernel kernel = device.Kernel("scratch", "k");
        device.Launch(kernel, new GpuGrid(10), [buffer, buffer]);
        long before = device.Steps;
        TimeSpan start = Environment.CpuUsage.UserTime;
        device.Launch(kernel, new GpuGrid(4), [buffer, buffer]);
        double seconds = (Environment.CpuUsage.UserTime - start).TotalSeconds;
        Assert.That(device.Steps - before, Is.GreaterThan(20_000_000));
        TestContext.Out.WriteLine($"{(device.Steps - before) / seconds / 1e6:f0} million instructions a second");
    }

    private static ulong[] Run(string body, int groups = 1) => PtxScratch.Run(PtxScratch.Kernel(body, 64), Input, 64 * groups, groups);
}
