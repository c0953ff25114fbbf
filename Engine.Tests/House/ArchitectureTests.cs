using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

using NUnit.Framework;

using VerifiableCompute.Engine.Ops;

namespace VerifiableCompute.Engine.Tests.House;

/// <summary>Who may see whom, and what may not be spoken of where.</summary>
internal sealed class ArchitectureTests
{
    private static readonly Dictionary<string, string[]> MaySee = new()
    {
        ["Engine"] = [],
        ["Engine.Kernels"] = ["Engine"],
        ["Engine.Verify"] = ["Engine"],
        ["Engine.Onnx"] = ["Engine"],
        ["proto"] = ["Engine", "Engine.Verify"],
    };

    private static readonly Dictionary<string, string[]> MayUse = new()
    {
        ["Engine"] = [],
        ["Engine.Kernels"] = [],
        ["Engine.Verify"] = [],
        ["Engine.Onnx"] = ["Google.Protobuf", "Grpc.Tools"],
        ["proto"] = ["Google.Protobuf", "Grpc.Tools"],
    };

    [Test]
    public void Project_refers_only_to_what_it_may([ValueSource(nameof(Projects))] string project)
    {
        XDocument file = XDocument.Load(Path.Combine(Repository.Root, project, $"{project}.csproj"));
        string[] projects = [.. Includes(file, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path))];
        string[] packages = [.. Includes(file, "PackageReference")];
        Assert.That(projects.Except(MaySee[project]), Is.Empty, "projects");
        Assert.That(packages.Except(MayUse[project]), Is.Empty, "packages");
    }

    [Test]
    public void Assembly_uses_only_what_it_may([ValueSource(nameof(Projects))] string project)
    {
        string name = project == "proto" ? "VerifiableCompute.Wire" : $"VerifiableCompute.{project}";
        string[] foreign = [.. Assembly.Load(name).GetReferencedAssemblies()
            .Select(reference => reference.Name!)
            .Where(reference => !reference.StartsWith("System", StringComparison.Ordinal))];
        string[] allowed = [.. MaySee[project].Select(other => $"VerifiableCompute.{other}"), .. MayUse[project]];
        Assert.That(foreign.Except(allowed), Is.Empty);
    }

    [Test]
    public void Shared_source_is_seen_where_its_package_is([ValueSource(nameof(Projects))] string project)
    {
        XDocument file = XDocument.Load(Path.Combine(Repository.Root, project, $"{project}.csproj"));
        string[] allowed = MayUse[project].Contains("Google.Protobuf") ? ["../Protobuf/*.cs"] : [];
        Assert.That(Includes(file, "Compile").Except(allowed), Is.Empty);
    }

    [Test]
    public void No_intrinsics_where_meaning_is_stated([Values("Engine", "Engine.Verify")] string project)
    {
        Regex intrinsics = new(@"\bIntrinsics\b|\bVector(64|128|256|512)?\b|\bAvx|\bSse|\bAdvSimd\b|\bunsafe\b");
        string[] guilty = [.. Repository.Files(project, "*.cs")
            .Where(file => intrinsics.IsMatch(WithoutComments(File.ReadAllText(Path.Combine(Repository.Root, file)))))];
        Assert.That(guilty, Is.Empty);
    }

    [Test]
    public void Every_op_is_a_file_of_its_name()
    {
        string[] missing = [.. typeof(Op).Assembly.GetTypes()
            .Where(type => typeof(Op).IsAssignableFrom(type) && !type.IsAbstract)
            .Select(type => $"Engine/Ops/{type.Name}.cs")
            .Where(file => !File.Exists(Path.Combine(Repository.Root, file)))];
        Assert.That(missing, Is.Empty);
    }

    [Test]
    public void Every_kernel_is_named_after_its_op()
    {
        string[] ops = [.. typeof(Op).Assembly.GetTypes().Where(typeof(Op).IsAssignableFrom).Select(type => type.Name)];
        string[] strangers = [.. Repository.Files("Engine.Kernels/Cpu/Ops", "*.cs")
            .Select(file => Path.GetFileNameWithoutExtension(file))
            .Except(ops)];
        Assert.That(strangers, Is.Empty);
    }

    private static IEnumerable<string> Projects() => MaySee.Keys;

    private static IEnumerable<string> Includes(XDocument file, string element)
        => file.Descendants(element).Select(reference => reference.Attribute("Include")!.Value);

    private static string WithoutComments(string code) => Regex.Replace(code, @"//[^\n]*", string.Empty);
}
