using System.Collections.Immutable;
using System.Globalization;
using System.Text;

using NUnit.Framework;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Proving;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.House;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Verify;

/// <summary>The worked example of the protocol's document: one small run with all its bytes. ACCEPT_EXAMPLE=1 writes the document anew.</summary>
internal sealed class ExampleTests
{
    private const string Document = "docs/protocol-example.md";

    [Test]
    public void Document_shows_the_bytes_that_are_made()
    {
        string text = Text();
        string path = Path.Combine(Repository.Root, Document);
        if (Environment.GetEnvironmentVariable("ACCEPT_EXAMPLE") == "1")
        {
            File.WriteAllText(path, text);
        }

        Assert.That(File.ReadAllText(path), Is.EqualTo(text), "bytes have changed: a new format version, or ACCEPT_EXAMPLE=1 before the first release");
    }

    private static string Text()
    {
        StringBuilder text = new();
        text.AppendLine("# Worked example").AppendLine()
            .AppendLine("`y = Relu(Dot(x, w))` with `x = [1, -2, 0.5]` (f32[1,3]), `w = [[1, 2, 3], [4, 5, 6]]` (f32[2,3]); policy `atomic/1`, 2 samples.")
            .AppendLine("Every value below is made by `Engine.Tests/Verify/ExampleTests.cs`; `docs/protocol.md` says how.");
        foreach (Suite suite in Enum.GetValues<Suite>())
        {
            Write(text, suite);
        }

        return text.ToString().ReplaceLineEndings("\n");
    }

    private static void Write(StringBuilder text, Suite suite)
    {
        Scene scene = Scene.Of(Graph(), [Tensor.Of<float>(DType.F32, new Shape(1, 3), 1, -2, 0.5f)], Policy.Atomic, suite, samples: 2);
        Assert.That(scene.Verify().Kind, Is.EqualTo(VerdictKind.Valid));
        Leaves(scene, out ImmutableArray<ReadOnlyMemory<byte>> parameters, out ImmutableArray<ReadOnlyMemory<byte>> inputs);
        void Line(string name, ReadOnlySpan<byte> bytes) => text.AppendLine(CultureInfo.InvariantCulture, $"{name}").AppendLine(Hex(bytes)).AppendLine();
        void Head(string name) => text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"## Suite {(int)suite}: {name}").AppendLine();
        Head("statement");
        text.AppendLine("```");
        Line("bytes of w", scene.Held.Parameters[0].Bytes.Span);
        Line("leaf 0 of the parameters tree", parameters[0].Span);
        Line("parametersRoot", scene.Statement.Statement.ParametersRoot.Span);
        Line("bytes of x", scene.Inputs[0].Bytes.Span);
        Line("leaf 0 of the inputs tree", inputs[0].Span);
        Line("inputsRoot", scene.Statement.Statement.InputsRoot.Span);
        for (int i = 0; i < scene.Statement.RecordBytes.Count; i++)
        {
            Line($"record {i}, {scene.Statement.Graph.Records[i].Op.Name}", scene.Statement.RecordBytes[i].Span);
        }

        Line("graphRoot", scene.Statement.Statement.GraphRoot.Span);
        Line("statement", scene.Statement.Statement.ToArray());
        Line("statementId", scene.Statement.Statement.Id.Span);
        text.AppendLine("```");
        Head("receipt");
        text.AppendLine("```");
        Line("bytes of output 0 of record 0", scene.Store.Read(0, 0).Span);
        Line("bytes of output 0 of record 1", scene.Store.Read(1, 0).Span);
        for (int i = 0; i < scene.Receipt.TraceLeaves.Length; i++)
        {
            Line($"trace leaf {i}", scene.Receipt.TraceLeaves[i].Span);
        }

        Line("traceRoot", scene.Receipt.Receipt.TraceRoot.Span);
        Line("output leaf 0", scene.Receipt.OutputLeaves[0].Span);
        Line("outputsRoot", scene.Receipt.Receipt.OutputsRoot.Span);
        Line("receipt file", scene.Receipt.ToArray());
        Line("receiptId", scene.Receipt.Receipt.Id.Span);
        text.AppendLine("```");
        Head("challenge and proof");
        text.AppendLine("```");
        Line("challenge file", scene.Challenge.ToArray());
        Line("challengeId", scene.Challenge.Id.Span);
        Line("seed", scene.Challenge.Seed.Span);
        ImmutableArray<ElementRef> elements = scene.Challenge.Elements(scene.Statement.Statement.Challenge, scene.Statement.Graph);
        text.AppendLine("elements to check").AppendJoin('\n', elements).AppendLine().AppendLine();
        Line("proof file", scene.Proof.ToArray());
        text.AppendLine("```");
    }

    private static Graph Graph()
    {
        GraphBuilder builder = new();
        ValueRef x = builder.Input("x", new TensorType(DType.F32, new Shape(1, 3)));
        ValueRef w = builder.Parameter("w", Tensor.Of<float>(DType.F32, new Shape(2, 3), 1, 2, 3, 4, 5, 6));
        return builder.Build(new GraphOutput("y", builder.Add("relu", Relu.Instance, builder.Add("dot", Dot.Plain, x, w))));
    }

    private static void Leaves(Scene scene, out ImmutableArray<ReadOnlyMemory<byte>> parameters, out ImmutableArray<ReadOnlyMemory<byte>> inputs)
    {
        Committer committer = new(PlainHasher.Instance);
        parameters = committer.Leaves(scene.Statement.Statement.Suite, scene.Held.Parameters);
        inputs = committer.Leaves(scene.Statement.Statement.Suite, scene.Inputs);
    }

    private static string Hex(ReadOnlySpan<byte> bytes)
    {
        const int line = 48;
        StringBuilder text = new();
        for (int start = 0; start < bytes.Length; start += line)
        {
            text.Append(start > 0 ? "\n" : string.Empty).Append("  ").Append(Convert.ToHexStringLower(bytes[start..Math.Min(start + line, bytes.Length)]));
        }

        return text.ToString();
    }
}
