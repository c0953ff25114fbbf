using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

using NUnit.Framework;

using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.House;

/// <summary>The reference of all ops says what the code does: it names every op and attribute, and its figures are made here.
/// ACCEPT_DOCS=1 writes the figures anew.</summary>
internal sealed class OpsDocTests
{
    private const string Reference = "docs/ops.md";
    private const string Examples = "docs/ops-examples.md";
    private const int LongestLine = 160;

    // Kinds of Reduce that show all there is to show; the others have the types and footprints of Sum.
    private static readonly Reduction[] Shown = [Reduction.Sum, Reduction.Max, Reduction.LogSumExp];

    [Test]
    public void Examples_are_what_the_code_gives()
    {
        string text = Text();
        string path = Path.Combine(Repository.Root, Examples);
        if (Environment.GetEnvironmentVariable("ACCEPT_DOCS") == "1")
        {
            File.WriteAllText(path, text);
        }

        Assert.That(File.ReadAllText(path), Is.EqualTo(text), "types or footprints of an op have changed; ACCEPT_DOCS=1 writes the page anew");
        Assert.That(text.Split('\n').Where(line => line.Length > LongestLine), Is.Empty);
    }

    [Test]
    public void Examples_show_every_op()
        => Assert.That(
            Cases().Select(entry => (entry.Op.Name, entry.Op.Version)).Distinct().OrderBy(op => op.Name, StringComparer.Ordinal),
            Is.EqualTo(OpSet.All));

    [Test]
    public void Reference_names_every_op_and_attribute()
    {
        string text = File.ReadAllText(Path.Combine(Repository.Root, Reference));
        IEnumerable<string> words = Cases().SelectMany(entry => entry.Op.Attributes.Select(attribute => attribute.Name).Append(entry.Op.Name));
        Assert.That(words.Distinct().Where(word => !Regex.IsMatch(text, $@"\b{Regex.Escape(word)}\b")), Is.Empty);
    }

    private static string Text()
    {
        StringBuilder text = new();
        text.AppendLine("# Ops of semantics 1, in figures")
            .AppendLine()
            .AppendLine("Made by `Engine.Tests/House/OpsDocTests.cs` from the code; `docs/ops.md` says how to read it. For each op some attributes, inputs and")
            .AppendLine("outputs, and what it reads of each slot (inputs, then own outputs): for *one* element of an output, and for *three boxes* of extents")
            .AppendLine("2, or the output's where that is less. A footprint is written `count of [extents]`; `-` is nothing. Slots are parted by semicolons.")
            .AppendLine("A view is not evaluated, so it has no footprint.");
        foreach (IGrouping<string, OpCase> op in Cases().GroupBy(entry => entry.Op.Name).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"## {op.Key}/{op.First().Op.Version}");
            foreach (OpCase entry in op)
            {
                Write(text, entry);
            }
        }

        return text.ToString().ReplaceLineEndings("\n");
    }

    private static void Write(StringBuilder text, OpCase entry)
    {
        ImmutableArray<TensorType> inputs = [.. entry.Inputs.Select(input => input.Type)];
        ImmutableArray<TensorType> outputs = entry.Op.Infer(inputs.AsSpan());
        text.AppendLine().AppendLine("```");
        foreach (OpAttribute attribute in entry.Op.Attributes)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"attribute {attribute.Name} [{string.Join(',', attribute.Values)}]");
        }

        for (int slot = 0; slot < inputs.Length; slot++)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"input {slot} {inputs[slot]}");
        }

        for (int output = 0; output < outputs.Length; output++)
        {
            Shape shape = outputs[output].Shape;
            long step = entry.Op.StepElements(inputs.AsSpan(), output);
            string marks = $"{(output >= entry.Op.AuxiliaryFrom ? " aux" : string.Empty)}{(step > 0 ? $" steps of {step}" : string.Empty)}";
            text.AppendLine(CultureInfo.InvariantCulture, $"output {output} {outputs[output]}{marks}");
            if (entry.Op is View)
            {
                continue;
            }

            Footprint boxes = new(3, [.. shape.Extents.ToArray().Select(extent => Math.Min(extent, 2))]);
            text.AppendLine(CultureInfo.InvariantCulture, $"  one   {Reads(entry.Op, inputs, output, Footprint.Element(shape))}");
            text.AppendLine(CultureInfo.InvariantCulture, $"  three {Reads(entry.Op, inputs, output, boxes)}");
        }

        text.AppendLine("```");
    }

    private static string Reads(Op op, ImmutableArray<TensorType> inputs, int output, Footprint of)
        => string.Join("; ", op.Footprints(inputs.AsSpan(), output, of).Select(read => read.Count == 0 ? "-" : read.ToString()));

    // One case for each op, attributes and shapes, whatever the element types.
    private static IEnumerable<OpCase> Cases() => Catalog.Cases()
        .Where(entry => entry.Op is not Reduce reduce || Shown.Contains(reduce.Kind))
        .Where(entry => entry.Op is not Cast cast || cast.To == DType.F32)
        .DistinctBy(entry => $"{entry.Op} {string.Join(' ', entry.Inputs.Select(input => input.Type.Shape))}");
}
