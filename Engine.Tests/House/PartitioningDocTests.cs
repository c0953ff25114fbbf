using System.Text.RegularExpressions;

using NUnit.Framework;

using VerifiableCompute.Engine.Tests.Cli;
using VerifiableCompute.Engine.Tests.Onnx;

namespace VerifiableCompute.Engine.Tests.House;

/// <summary>The example of a plan is what the command says. ACCEPT_DOCS=1 writes it anew.</summary>
internal sealed partial class PartitioningDocTests
{
    [Test]
    public void The_example_is_what_the_command_says()
    {
        string path = Path.Combine(Repository.Root, "docs", "partitioning.md");
        string page = File.ReadAllText(path);
        using Folder folder = new();
        File.WriteAllText(Path.Combine(folder.Root, "hosts.json"), Hosts().Match(page).Groups[1].Value);
        (int exit, string output, string error) = new Shell(folder.Root).Run("plan", "--devices", "hosts.json");
        Assert.That(exit, Is.Zero, error);
        string made = Plan().Replace(page, $"```text\n{output.ReplaceLineEndings("\n").Replace("$", "$$", StringComparison.Ordinal)}```");
        if (Environment.GetEnvironmentVariable("ACCEPT_DOCS") == "1")
        {
            File.WriteAllText(path, made);
        }

        Assert.That(File.ReadAllText(path), Is.EqualTo(made), "ACCEPT_DOCS=1 writes the example anew");
    }

    [GeneratedRegex("```json\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Hosts();

    [GeneratedRegex("```text\n.*?```", RegexOptions.Singleline)]
    private static partial Regex Plan();
}
