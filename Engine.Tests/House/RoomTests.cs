using System.Text.RegularExpressions;

using NUnit.Framework;

namespace VerifiableCompute.Engine.Tests.House;

/// <summary>Each folder of Engine is a room. A file may name only the rooms listed for its own.</summary>
internal sealed partial class RoomTests
{
    private static readonly Dictionary<string, string[]> MayName = new()
    {
        ["Numerics"] = [],
        ["Tensors"] = ["Numerics"],
        ["Ops"] = ["Tensors", "Numerics"],
        ["Graphs"] = ["Tensors", "Ops"],
        ["Backends"] = ["Tensors", "Ops", "Graphs", "Commitments"],
        ["Lowering"] = ["Tensors", "Ops", "Graphs"],
        ["Protocol"] = ["Tensors", "Ops", "Graphs", "Lowering", "Commitments"],
        ["Proving"] = ["Numerics", "Tensors", "Ops", "Graphs", "Lowering", "Commitments", "Protocol", "Backends", "Planning", "Execution"],
        ["Planning"] = ["Tensors", "Ops", "Graphs", "Backends"],
        ["Commitments"] = ["Tensors", "Numerics"],
        ["Execution"] = ["Tensors", "Ops", "Graphs", "Backends", "Planning", "Commitments"],
    };

    [Test]
    public void File_names_only_the_rooms_it_may([ValueSource(nameof(Files))] string file)
    {
        string room = file.Split('/')[1];
        Assert.That(MayName, Contains.Key(room), "a new room needs a row here");
        Assert.That(Named(File.ReadAllText(Path.Combine(Repository.Root, file))).Except([.. MayName[room], room]), Is.Empty);
    }

    [Test]
    public void A_forbidden_room_is_seen()
        => Assert.That(Named("using VerifiableCompute.Engine.Execution; // Engine.Graphs"), Is.EquivalentTo(["Execution"]));

    private static IEnumerable<string> Named(string text)
    {
        string code = Comments().Replace(text, string.Empty);
        return MayName.Keys.Where(other => Regex.IsMatch(code, $@"\bEngine\.{other}\b"));
    }

    private static IEnumerable<string> Files() => Repository.Files("Engine", "*.cs").Where(file => file != "Engine/Error.cs");

    [GeneratedRegex(@"//[^\n]*")]
    private static partial Regex Comments();
}
