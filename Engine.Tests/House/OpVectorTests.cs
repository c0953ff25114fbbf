using System.Collections.Immutable;
using System.Text;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.House;

/// <summary>Published vectors of the arithmetic: for every op small cases with all bits, for whoever writes a verifier elsewhere.
/// ACCEPT_DOCS=1 writes them anew.</summary>
internal sealed class OpVectorTests
{
    private const string Page = "docs/op-vectors.tsv";
    private const int Elements = 64;
    private const int CasesOfType = 2;

    [Test]
    public void Vectors_are_what_the_definitions_give()
    {
        string text = Text();
        string path = Path.Combine(Repository.Root, Page);
        if (Environment.GetEnvironmentVariable("ACCEPT_DOCS") == "1")
        {
            File.WriteAllText(path, text);
        }

        Assert.That(File.ReadAllText(path), Is.EqualTo(text), "bits of an op have changed; if they must, ACCEPT_DOCS=1 writes the page anew");
    }

    [Test]
    public void Every_op_but_views_has_vectors()
        => Assert.That(
            Chosen().Select(entry => entry.Op.Name).Distinct().Append("View").Order(StringComparer.Ordinal),
            Is.EqualTo(OpSet.All.Select(op => op.Name)));

    // The first cases of an op for each type of its first input; what is small, and for an op without small cases its smallest one.
    private static IEnumerable<OpCase> Chosen()
    {
        foreach (IGrouping<string, OpCase> op in Catalog.Cases().Where(entry => entry.Op is not View).GroupBy(entry => entry.Op.Name))
        {
            OpCase[] small = [.. op.Where(entry => Size(entry) <= Elements && entry.Inputs.All(input => input.Type.Elements > 0))];
            small = small.Length > 0 ? small : [op.MinBy(Size)!];
            foreach (IGrouping<DType, OpCase> type in small.GroupBy(entry => entry.Inputs[0].Type.DType))
            {
                foreach (OpCase entry in type.Take(CasesOfType))
                {
                    yield return entry;
                }
            }
        }
    }

    private static long Size(OpCase entry) => entry.Inputs.Sum(input => input.Type.Elements);

    private static string Text()
    {
        StringBuilder text = new();
        text.Append("# op, version, attributes (lists, in order), inputs, outputs (auxiliary ones last): each type and its little-endian bytes\n");
        foreach (OpCase entry in Chosen())
        {
            string attributes = string.Join(' ', entry.Op.Attributes.Select(attribute => $"[{string.Join(',', attribute.Values)}]"));
            ImmutableArray<Tensor> outputs = ReferenceBackend.Evaluate(entry.Op, entry.Inputs);
            text.Append(entry.Op.Name).Append('\t').Append(entry.Op.Version).Append('\t').Append(attributes)
                .Append('\t').Append(Tensors(entry.Inputs)).Append('\t').Append(Tensors(outputs)).Append('\n');
        }

        return text.ToString();
    }

    private static string Tensors(ImmutableArray<Tensor> tensors)
        => string.Join(' ', tensors.Select(tensor => $"{tensor.Type}:{Convert.ToHexStringLower(tensor.Bytes.Span)}"));
}
