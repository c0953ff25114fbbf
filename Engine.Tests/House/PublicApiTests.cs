using System.Reflection;
using System.Runtime.CompilerServices;

using NUnit.Framework;

namespace VerifiableCompute.Engine.Tests.House;

/// <summary>The public surface, one member a line, in House/PublicApi.txt. Changing it is a decision: set ACCEPT_API=1 and commit the file
/// with the change.</summary>
internal sealed class PublicApiTests
{
    private static readonly string[] Assemblies = ["Engine", "Engine.Kernels", "Engine.Onnx", "Engine.Verify", "Wire"];

    [Test]
    public void Public_surface_is_as_written_down()
    {
        string path = Path.Combine(Repository.Root, "Engine.Tests", "House", "PublicApi.txt");
        string[] actual = [.. Assemblies.Select(name => Assembly.Load($"VerifiableCompute.{name}")).SelectMany(Lines)];
        if (Environment.GetEnvironmentVariable("ACCEPT_API") == "1")
        {
            File.WriteAllLines(path, actual);
        }

        string[] expected = File.Exists(path) ? File.ReadAllLines(path) : [];
        Assert.Multiple(() =>
        {
            Assert.That(actual.Except(expected), Is.Empty, "new in the code");
            Assert.That(expected.Except(actual), Is.Empty, "gone from the code");
        });
    }

    private static IEnumerable<string> Lines(Assembly assembly) => assembly.GetExportedTypes()
        .SelectMany(type => type
            .GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
            .Where(member => member is not MethodBase { IsSpecialName: true } || member is ConstructorInfo)
            .Where(member => !member.IsDefined(typeof(CompilerGeneratedAttribute)) && member is not Type)
            .Select(member => $"{type.FullName}: {member}")
            .Prepend($"{type.FullName}"))
        .Order(StringComparer.Ordinal);
}
