using System.Text.RegularExpressions;

using NUnit.Framework;

using VerifiableCompute.Engine.Ops;

namespace VerifiableCompute.Engine.Tests.House;

/// <summary>Style that is enforced by a machine does not have to be argued about.</summary>
internal sealed class TidyTests
{
    private const int LongestLine = 160;
    private const int LongestFile = 500;

    private static readonly string[] Headings = ["Shapes", "Reads", "Order", "Rounding", "NaN", "Source"];
    private static readonly string[] Folders =
        ["Engine", "Engine.Kernels", "Engine.Verify", "Engine.Onnx", "Engine.Cli", "Engine.Tests", "bench", "proto", "Protobuf"];

    [Test]
    public void Lines_and_files_are_short([ValueSource(nameof(Folders))] string folder)
    {
        List<string> guilty = [];
        foreach (string file in Repository.Files(folder, "*.cs"))
        {
            string[] lines = File.ReadAllLines(Path.Combine(Repository.Root, file));
            guilty.AddRange(lines.Select((line, index) => (line, index)).Where(entry => entry.line.Length > LongestLine)
                .Select(entry => $"{file}:{entry.index + 1} has {entry.line.Length} columns"));
            if (lines.Length > LongestFile)
            {
                guilty.Add($"{file} has {lines.Length} lines");
            }
        }

        Assert.That(guilty, Is.Empty);
    }

    [Test]
    public void Nothing_is_left_for_later([ValueSource(nameof(Folders))] string folder)
    {
        Regex marks = new(string.Join('|', "TO" + "DO", "FIX" + "ME", "HA" + "CK", "NotImplemented" + "Exception"));
        Assert.That(
            Repository.Files(folder, "*.cs").Where(file => marks.IsMatch(File.ReadAllText(Path.Combine(Repository.Root, file)))),
            Is.Empty);
    }

    [Test]
    public void Op_header_is_complete([ValueSource(nameof(OpFiles))] string file)
    {
        string text = File.ReadAllText(Path.Combine(Repository.Root, file));
        string[] found = [.. Headings.Where(heading => Regex.IsMatch(text, $@"^//  {heading} +\S", RegexOptions.Multiline))];
        Assert.That(found, Is.EqualTo(Headings), "headings, in this order");
        Match source = Regex.Match(text, @"^//  Source +docs/numerics\.md, sections? ([A-Z][a-z ]+?)(?: and [A-Z][a-z]+)?(?:;|$)", RegexOptions.Multiline);
        Assert.That(source.Success, Is.True, "the source names a section of docs/numerics.md");
        string numerics = File.ReadAllText(Path.Combine(Repository.Root, "docs", "numerics.md"));
        Assert.That(numerics, Does.Match($@"(?m)^##+ {Regex.Escape(source.Groups[1].Value.Trim())}\b"), "that section exists");
    }

    private static IEnumerable<string> OpFiles() => typeof(Op).Assembly.GetTypes()
        .Where(type => type != typeof(Op) && typeof(Op).IsAssignableFrom(type))
        .Select(type => $"Engine/Ops/{type.Name}.cs")
        .Where(file => File.Exists(Path.Combine(Repository.Root, file)))
        .Order(StringComparer.Ordinal);
}
