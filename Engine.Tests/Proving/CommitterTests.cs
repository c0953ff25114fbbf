using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Proving;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Verify;

namespace VerifiableCompute.Engine.Tests.Proving;

/// <summary>A prover who calls the library wrongly is told before anything is promised.</summary>
internal sealed class CommitterTests
{
    private static readonly Committer Plain = new(PlainHasher.Instance);

    [Test]
    public void A_NaN_of_other_bits_is_not_stated([Values] bool parameter)
    {
        Tensor strange = new(new TensorType(DType.F32, new Shape(2)), new byte[] { 0, 0, 0x80, 0x3F, 0, 0, 0xC0, 0xFF });
        Tensor plain = Tensor.Of<float>(DType.F32, new Shape(2), 1, 2);
        LoweredGraph graph = Sum(parameter ? strange : plain);
        Statement terms = Scene.Template(Policy.Compact, Suite.Sha256, 1, "job");
        Assert.That(
            () => Plain.State(graph, [parameter ? plain : strange], terms),
            Throws.ArgumentException.With.Message.Contains(parameter ? "parameter 0 is not canonical" : "input 0 is not canonical"));
    }

    [Test]
    public void Terms_that_nobody_could_read_are_not_stated()
    {
        Scene scene = Scene.Make();
        Statement terms = scene.Statement.Statement;
        Statement[] others =
        [
            terms with { Domain = terms.Domain with { Namespace = new string('x', 4097) } },
            terms with { Domain = terms.Domain with { Contract = "00" } },
            terms with { Challenge = terms.Challenge with { Samples = 65537 } },
            terms with { Challenge = terms.Challenge with { Mix = 65537 } },
            terms with { Policy = default },
        ];
        Assert.Multiple(() =>
        {
            foreach (Statement other in others)
            {
                Assert.That(() => StatementFile.Make(scene.Statement.Graph, other), Throws.ArgumentException.With.Message.Contains("nobody could read"));
            }
        });
    }

    [Test]
    public void What_is_canonical_is_known([Values] bool spoiled)
    {
        foreach (DType type in new[] { DType.F32, DType.F64, DType.F16, DType.BF16, DType.Bool, DType.U8 })
        {
            byte[] bytes = new byte[5000 * type.Size()];
            if (spoiled)
            {
                bytes.AsSpan(4999 * type.Size()).Fill(0xFF);
            }

            Tensor tensor = new(new TensorType(type, new Shape(5000)), bytes);
            Assert.That(tensor.IsCanonical(), Is.EqualTo(!spoiled || type == DType.U8), type.ToString());
            Assert.That(Tensor.Canonical(tensor.Type, bytes).IsCanonical(), type.ToString());
        }
    }

    [Test]
    public void Other_inputs_than_the_statements_are_refused()
    {
        Scene scene = Scene.Make();
        using ReferenceBackend backend = new();
        Tensor other = Tensor.Of<long>(DType.I64, scene.Inputs[0].Type.Shape, 1, 2, 3, 4, 5, 6);
        Assert.That(
            () => Plain.Run(scene.Statement, scene.Graph.Graph, [other], backend), Throws.ArgumentException.With.Message.Contains("not the statement's"));
        Assert.That(
            () => Plain.Run(scene.Statement, Sum(other).Graph, scene.Inputs, backend), Throws.ArgumentException.With.Message.Contains("graph"));
    }

    [Test]
    public void An_executor_serves_many_receipts()
    {
        Scene scene = Scene.Make();
        using ReferenceBackend backend = new();
        Executor executor = new(scene.Graph.Graph, backend);
        for (int run = 0; run < 3; run++)
        {
            Assert.That(
                Plain.Run(scene.Statement, executor, scene.Inputs, issued: scene.Receipt.Receipt.Issued).Receipt.ToArray(),
                Is.EqualTo(scene.Receipt.ToArray()));
        }
    }

    private static LoweredGraph Sum(Tensor parameter)
    {
        GraphBuilder builder = new();
        ValueRef x = builder.Input("x", parameter.Type);
        return Lowerer.Lower(builder.Build(new GraphOutput("y", builder.Add("sum", Add.Instance, x, builder.Parameter("p", parameter)))), Policy.Compact);
    }
}
