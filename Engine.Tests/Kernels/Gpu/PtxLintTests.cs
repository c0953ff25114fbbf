using NUnit.Framework;

using VerifiableCompute.Engine.Tests.House;
using VerifiableCompute.Engine.Tests.Kernels.Gpu.Ptx;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu;

/// <summary>The PTX that is checked in leaves a device no choice of bits; and a text that does is refused.</summary>
internal sealed class PtxLintTests
{
    private const string Kernel = """
        // sm_70
        .visible .entry k(
        	.param .u64 k_param_0
        )
        .maxntid 64, 1, 1
        {
        	.reg .pred 	%p<2>;
        	.shared .align 4 .b8 k_$_s[1024];
        $L__BB0_1:
        	LINE
        	ret;
        }
        """;

    private static readonly string[] Texts = [.. Repository.Files("Engine.Kernels/Gpu/Ptx", "*.ptx")];

    [Test]
    public void Every_text_is_clean([ValueSource(nameof(Texts))] string text)
    {
        string ptx = File.ReadAllText(Path.Combine(Repository.Root, text));
        Assert.That(PtxLint.Faults(ptx), Is.Empty);
    }

    [TestCase("add.rn.f32 %f1, %f2, %f3;")]
    [TestCase("fma.rn.f64 %fd1, %fd2, %fd3, %fd4;")]
    [TestCase("@%p1 div.rn.f32 %f1, %f2, %f3;")]
    [TestCase("cvt.rn.f32.s32 %f1, %r1;")]
    [TestCase("cvt.rn.f32.f64 %f1, %fd1;")]
    [TestCase("cvt.f64.f32 %fd1, %f1;")]
    [TestCase("cvt.rni.f32.f32 %f1, %f2;")]
    [TestCase("cvt.rzi.s32.f32 %r1, %f2;")]
    [TestCase("cvt.u64.u32 %rd1, %r2;")]
    [TestCase("min.s32 %r1, %r2, %r3;")]
    [TestCase("add.sat.s32 %r1, %r2, %r3;")]
    [TestCase("atom.global.add.u32 %r1, [%rd1], %r2;")]
    [TestCase("ld.global.nc.v4.f32 {%f1, %f2, %f3, %f4}, [%rd1];")]
    [TestCase("setp.lt.f32 %p1, %f1, %f2;")]
    [TestCase("{ .reg .b32 tmp; mov.b64 {tmp, %r2}, %rd1; }")]
    public void What_gives_the_same_bits_everywhere_is_taken(string line) => Assert.That(Faults(line), Is.Empty);

    [TestCase("add.f32 %f1, %f2, %f3;", "no rounding to nearest")]
    [TestCase("sub.f64 %fd1, %fd2, %fd3;", "no rounding to nearest")]
    [TestCase("mul.f32 %f1, %f2, %f3;", "no rounding to nearest")]
    [TestCase("mul.rz.f32 %f1, %f2, %f3;", "no rounding to nearest")]
    [TestCase("fma.rm.f32 %f1, %f2, %f3, %f4;", "no rounding to nearest")]
    [TestCase("mad.f32 %f1, %f2, %f3, %f4;", "no rounding to nearest")]
    [TestCase("@!%p1 add.f32 %f1, %f2, %f3;", "no rounding to nearest")]
    [TestCase("$L__BB0_2: add.f32 %f1, %f2, %f3;", "no rounding to nearest")]
    [TestCase("{ .reg .f32 t; add.f32 t, %f2, %f3; }", "no rounding to nearest")]
    [TestCase("mov.f32 %f4, %f5; add.f32 %f1, %f2, %f3;", "no rounding to nearest")]
    [TestCase("add.rn.ftz.f32 %f1, %f2, %f3;", "not IEEE arithmetic")]
    [TestCase("setp.lt.ftz.f32 %p1, %f2, %f3;", "not IEEE arithmetic")]
    [TestCase("add.rn.sat.f32 %f1, %f2, %f3;", "not IEEE arithmetic")]
    [TestCase("div.approx.f32 %f1, %f2, %f3;", "not IEEE arithmetic")]
    [TestCase("div.full.f32 %f1, %f2, %f3;", "not IEEE arithmetic")]
    [TestCase("sqrt.approx.f32 %f1, %f2;", "not IEEE arithmetic")]
    [TestCase("rcp.approx.ftz.f64 %fd1, %fd2;", "not IEEE arithmetic")]
    [TestCase("cvt.f32.s32 %f1, %r1;", "no rounding")]
    [TestCase("cvt.f32.f64 %f1, %fd1;", "no rounding")]
    [TestCase("cvt.rz.f32.f64 %f1, %fd1;", "no rounding")]
    [TestCase("cvt.s32.f32 %r1, %f1;", "no rounding")]
    [TestCase("cvt.rn.f32.f32 %f1, %f2;", "no rounding")]
    [TestCase("cvt.rna.tf32.f32 %r1, %f2;", "no rounding")]
    [TestCase("ex2.approx.f32 %f1, %f2;", "an estimate")]
    [TestCase("sin.approx.f32 %f1, %f2;", "an estimate")]
    [TestCase("cos.approx.f32 %f1, %f2;", "an estimate")]
    [TestCase("lg2.approx.f32 %f1, %f2;", "an estimate")]
    [TestCase("tanh.approx.f32 %f1, %f2;", "an estimate")]
    [TestCase("rsqrt.approx.f32 %f1, %f2;", "an estimate")]
    [TestCase("min.f32 %f1, %f2, %f3;", "NaN and signed zero differ")]
    [TestCase("max.f64 %fd1, %fd2, %fd3;", "NaN and signed zero differ")]
    [TestCase("atom.global.add.f32 %f1, [%rd1], %f2;", "a float atomic")]
    [TestCase("red.global.add.f64 [%rd1], %fd2;", "a float atomic")]
    [TestCase("ld.const.f32 %f1, [%rd1];", "constant memory")]
    [TestCase("call.uni (retval0), f, (param0);", "a call")]
    [TestCase(".extern .func f;", "not in the body")]
    [TestCase(".version 7.0", "not in the body")]
    [TestCase(".target sm_80", "not in the body")]
    [TestCase("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%f1,%f2,%f3,%f4}, {%r1,%r2,%r3,%r4}, {%r5,%r6}, {%f1,%f2,%f3,%f4};", "a float matrix unit")]
    [TestCase("mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%r1,%r2,%r3,%r4}, {%r1,%r2,%r3,%r4}, {%r5,%r6}, {%r1,%r2,%r3,%r4};", "needs /* ptx: sm_80 */")]
    [TestCase(".shared .align 16 .b8 k_$_t[48129];", "shared memory")]
    public void What_does_not_is_refused(string line, string reason)
    {
        IReadOnlyList<string> faults = Faults(line);
        Assert.That(faults, Has.Count.EqualTo(1));
        Assert.That(faults[0], Does.StartWith("line 10: ").And.Contain(reason));
    }

    [Test]
    public void Matrix_units_are_taken_where_the_text_says_so() => Assert.That(
        PtxLint.Faults(Kernel.Replace("// sm_70", "// sm_80", StringComparison.Ordinal).Replace(
            "LINE",
            "mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%r1,%r2,%r3,%r4}, {%r1,%r2,%r3,%r4}, {%r5,%r6}, {%r1,%r2,%r3,%r4};",
            StringComparison.Ordinal)),
        Is.Empty);

    [TestCase(".maxntid 64, 1, 1\n", ".maxntid")]
    [TestCase("// sm_70\n", "least architecture")]
    public void What_a_driver_needs_is_there(string line, string reason) =>
        Assert.That(PtxLint.Faults(Kernel.Replace(line, string.Empty, StringComparison.Ordinal)), Has.Some.Contain(reason));

    private static IReadOnlyList<string> Faults(string line) => PtxLint.Faults(Kernel.Replace("LINE", line, StringComparison.Ordinal));
}
