using System.Collections.Immutable;

using NUnit.Framework;

using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Onnx;

/// <summary>The attention operators give the bits of the functions that ONNX writes them out as.</summary>
internal sealed class FunctionBodyTests
{
    // Norms have an order of their own.
    private static readonly string[] Families = ["attention", "causal_conv_with_state", "flexattention", "linear_attention", "rotary_embedding"];

    [TestCaseSource(nameof(Families))]
    public void Operators_give_the_bits_of_their_bodies(string family)
    {
        string root = Path.Combine(TestData.Folder("onnx-open"), "onnx-open", "node");
        int compared = 0;
        foreach (string body in Directory.GetDirectories(root, $"test_{family}*_expanded*"))
        {
            string own = body[..body.IndexOf("_expanded", StringComparison.Ordinal)];
            if (Directory.Exists(own) && Run(own) is string ours && Run(body) is string theirs)
            {
                Assert.That(ours, Is.EqualTo(theirs), Path.GetFileName(own));
                compared++;
            }
        }

        TestContext.Out.WriteLine($"{family}: {compared} compared");
    }

    // Null where the model is not supported.
    private static string? Run(string test)
    {
        if (!OnnxModel.TryLoad(Path.Combine(test, "model.onnx"), out OnnxModel? model, out Exception? refusal))
        {
            return refusal is UnsupportedModelException ? null : throw refusal;
        }

        ImmutableArray<Tensor> inputs = Conformance.ReadSet(Path.Combine(test, "test_data_set_0"), "input");
        using CpuBackend backend = new(1);
        return string.Join(' ', new Executor(model.Specialize(inputs), backend).Run(inputs).Select(output => Convert.ToHexString(output.Bytes.Span)));
    }
}
