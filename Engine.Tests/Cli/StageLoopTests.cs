using System.Collections.Immutable;
using System.Text.Json;
using System.Xml.Linq;

using Google.Protobuf;

using NUnit.Framework;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Onnx.Schema;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Proving;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Onnx;

namespace VerifiableCompute.Engine.Tests.Cli;

/// <summary>A run in stages as its parties do it: a plan, a process for each stage with files in between, the whole receipt.</summary>
internal sealed class StageLoopTests
{
    private const int Width = 64;
    private const string Beacon = "0f0e0d0c0b0a09080706050403020100ffeeddccbbaa99887766554433221100";
    private const string Hosts =
        """
        {
          "hosts": [
            { "name": "a", "devices": [{ "gflops": 1, "memory_bytes": 1000000, "memory_gbs": 1 }] },
            { "name": "b", "devices": [{ "gflops": { "product": 1, "integer": 1, "other": 1 }, "memory_bytes": 1000000, "memory_gbs": 1 }] },
            {
              "name": "c",
              "devices": [
                { "name": "cpu", "gflops": 1, "memory_bytes": 1000000, "memory_gbs": 1, "launch_us": 0 },
                { "name": "gpu", "gflops": 2, "memory_bytes": 1000000, "memory_gbs": 1, "without": ["Copy"] }
              ],
              "bus": { "gbs": 10, "latency_us": 0.5 }
            }
          ],
          "links": [{ "from": "a", "to": "b", "gbs": 5, "latency_us": 0.1 }, { "from": "b", "to": "c", "gbs": 5, "one_way": true }],
          "link": { "gbs": 1 }
        }
        """;

    private static readonly string[] Three = ["a", "b", "c"];

    private string _folder = string.Empty;
    private Shell _shell = new(string.Empty);

    [OneTimeSetUp]
    public void Make()
    {
        _folder = Directory.CreateTempSubdirectory("vcompute-stages-").FullName;
        _shell = new Shell(_folder);
        Adversarial random = new(5);
        byte[] Weight(int elements) => [.. System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(
            Enumerable.Range(0, elements).Select(_ => (random.Below(2001) - 1000) / 3000f).ToArray())];
        NodeProto[] layers = [.. Enumerable.Range(0, 6).SelectMany(i => new[]
        {
            Made.Node("MatMul", [i == 0 ? "x" : $"b{i - 1}", "w"], [$"a{i}"]),
            Made.Node("Relu", [$"a{i}"], [i == 5 ? "y" : $"b{i}"]),
        })];
        layers[^1].Name = "last \u0001\uFFFE\uFFFF<";
        GraphProto graph = Made.Graph([Made.Value("x", DType.F32, 3, Width)], [Made.Value("y", DType.F32, 3, Width)], layers);
        graph.Initializer.Add(Made.Raw("w", DType.F32, [Width, Width], Weight(Width * Width)));
        File.WriteAllBytes(At("model.onnx"), Made.Model(graph).ToByteArray());
        Directory.CreateDirectory(At("in"));
        File.WriteAllBytes(At("in/input_0.pb"), Made.Raw("x", DType.F32, [3, Width], Weight(3 * Width)).ToByteArray());
        File.WriteAllText(At("hosts.json"), Hosts);
        Says(0, "statement", "model.onnx", "--inputs", "in", "--policy", "atomic", "-o", "S");
        Says(0, "run", "model.onnx", "--inputs", "in", "--statement", "S", "--receipt", "R", "--trace", "T", "--output", "out");
        Says(0, "plan", "model.onnx", "--inputs", "in", "--policy", "atomic", "--devices", "hosts.json", "-o", "plan", "--svg", "plan.svg");
    }

    [OneTimeTearDown]
    public void Remove() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void Three_parties_give_the_receipt_of_one()
    {
        string whole = Stages("honest", ["--plan", "plan"]);
        Assert.That(File.ReadAllBytes(At(whole)), Is.EqualTo(File.ReadAllBytes(At("R"))));
        Assert.That(File.ReadAllBytes(At("honest/out/output_0.pb")), Is.EqualTo(File.ReadAllBytes(At("out/output_0.pb"))));
        Says(0, "challenge", "--statement", "S", "--receipt", whole, "--beacon", Beacon, "-o", "C");
        Says(0, "prove", "--trace", "honest/T", "--challenge", "C", "-o", "P");
        Says(0, "verify", "--statement", "S", "--receipt", whole, "--challenge", "C", "--proof", "P");
        Assert.That(Says(0, "inspect", "honest/R2").GetProperty("taken_values").GetInt32(), Is.EqualTo(1));
        Assert.That(_shell.Refuses(2, "prove", "--trace", "honest/T2", "--challenge", "C", "-o", "P2"), Does.Contain("a stage's trace"));
    }

    [Test]
    public void Other_ways_to_say_the_stages_say_the_same()
    {
        JsonElement[] stages = [.. Plan().GetProperty("stages").EnumerateArray()];
        Assert.That(stages.Select(stage => stage.GetProperty("host").GetString()), Is.EqualTo(Three));
        Assert.That(stages[0].GetProperty("cut")[0].GetProperty("shape").EnumerateArray().Select(extent => extent.GetInt64()), Is.EqualTo((long[])[3, Width]));
        string cuts = string.Join(',', stages[..^1].Select(stage => stage.GetProperty("end").GetInt32()));
        string byCuts = Stages("cuts", ["--cuts", cuts]);
        Assert.That(File.ReadAllBytes(At(byCuts)), Is.EqualTo(File.ReadAllBytes(At("R"))));
        string byHosts = Stages("hosts", ["--devices", "hosts.json"]);
        Assert.That(File.ReadAllBytes(At(byHosts)), Is.EqualTo(File.ReadAllBytes(At("R"))));
    }

    [Test]
    public void A_cheating_stage_is_named()
    {
        string whole = Stages("cheat", ["--plan", "plan"], guilty: 2, fault: "skip:n_b2");
        JsonElement verdict = Says(
            1, "audit", "model.onnx", "--inputs", "in", "--statement", "S", "--receipt", whole, "--trace", "cheat/T", "--fraud-proof", "F");
        int node = verdict.GetProperty("node").GetInt32();
        JsonElement second = Plan().GetProperty("stages")[1];
        Assert.That(node, Is.InRange(second.GetProperty("first").GetInt32(), second.GetProperty("end").GetInt32() - 1));
        Says(1, "verify", "--fraud-proof", "F", "--statement", "S");
    }

    [Test]
    public void What_a_stage_did_not_hand_out_is_not_taken_in()
    {
        Stages("first", ["--plan", "plan"]);
        Stages("second", ["--plan", "plan"], guilty: 1, fault: "skip:n_b0");
        string[] run = ["run", "model.onnx", "--inputs", "in", "--statement", "S", "--receipt", "X", "--stage", "2/3", "--plan", "plan"];
        Assert.That(_shell.Refuses(2, [.. run, "--taken", "second/values", "--after", "first/R1"]), Does.Contain("is not what stage"));
        JsonElement apart = Says(
            2, "compose", "--statement", "S", "--stage", "first/R1", "--stage", "second/R2", "--stage", "second/R3", "-o", "X");
        Assert.That(apart.GetProperty("reason").GetString(), Is.EqualTo("StagesApart"));
        Assert.That(apart.GetProperty("text").GetString(), Does.Contain("stage 2 of 3").And.Contain("stage 1, records"));
        Assert.That(Says(2, "compose", "--statement", "S", "--stage", "first/R1", "-o", "X").GetProperty("text").GetString(), Does.Contain("nobody ran"));
        Assert.That(File.Exists(At("X")), Is.False);
        Assert.That(_shell.Refuses(64, run), Does.Contain("--taken"));
        Assert.That(_shell.Refuses(64, [.. run[..^4], "--stage", "2/4", "--plan", "plan"]), Does.Contain("there are so many stages"));
        Assert.That(_shell.Refuses(64, [.. run[..^4], "--stage", "2/2", "--cuts", "99"]), Does.Contain("--cuts are numbers"));
        Assert.That(_shell.Refuses(64, [.. run[..^2]]), Does.Contain("one of --plan, --cuts and --devices"));
        Assert.That(_shell.Refuses(2, [.. run[..^1], "S"]), Does.Contain("is no plan"));
    }

    /// <summary>A giver who commits to bits that no tensor has, and hands these out, is told apart from one who hands out another value.</summary>
    [Test]
    public void What_is_taken_in_is_compared_bit_for_bit()
    {
        Stages("bits", ["--plan", "plan"]);
        string[] run =
        [
            "run", "model.onnx", "--inputs", "in", "--statement", "S", "--receipt", "bits/X", "--stage", "2/3", "--plan", "plan", "--taken", "bits/values",
            "--after",
        ];
        Assert.That(StageFile.TryRead(File.ReadAllBytes(At("bits/R1")), out StageFile? file, out _), Is.True);
        int node = file!.Receipt.End - 1;
        string value = $"{node}.0.pb";
        Tensor right = TensorFile.ReadRaw(At($"bits/values/{value}"));
        Tensor spoilt = new(right.Type, (byte[])[0xFF, 0xFF, 0xFF, 0xFF, .. right.Bytes.Span[4..]]);
        TensorFile.Write(At($"bits/values/{value}"), "spoilt", spoilt);
        Assert.That(_shell.Refuses(2, [.. run, "bits/R1"]), Does.Contain("is not what stage"));
        Assert.That(StatementFile.TryRead(File.ReadAllBytes(At("S")), out StatementFile? statement, out _), Is.True);
        Suite suite = statement!.Statement.Suite;
        TraceLeaf leaf = new([new TraceEntry(0, new Committer(PlainHasher.Instance).Commit(suite, spoilt))]);
        ImmutableArray<ReadOnlyMemory<byte>> leaves = file.TraceLeaves.SetItem(node, leaf.ToArray());
        Digest root = MerkleTree.RootOf(suite, TreeKind.Trace, leaves, PlainHasher.Instance);
        StageFile forged = new(file.Receipt with { TraceRoot = root }, leaves, file.TakenLeaves);
        File.WriteAllBytes(At("bits/forged"), forged.ToArray());
        Assert.That(_shell.Refuses(2, [.. run, "bits/forged"]), Does.Contain("is not canonical").And.Contain(forged.Receipt.Id.ToString()));
        File.WriteAllBytes(At("bits/undelivered"), (forged with { TraceLeaves = file.TraceLeaves }).ToArray());
        Assert.That(_shell.Refuses(2, [.. run, "bits/undelivered"]), Does.Contain("with its leaves"));
        Assert.That(_shell.Refuses(2, [.. run[..^1]]), Does.Contain("is not canonical"));
        TensorFile.Write(At($"bits/values/{value}"), "right", right);
        Assert.That(_shell.Refuses(2, [.. run, "bits/R2"]), Does.Contain($"output 0 of record {node}: records 0 to {node}"));
        Assert.That(File.Exists(At("bits/X")), Is.False);
        Says(0, [.. run, "bits/R1", "--after", "bits/R2"]);
    }

    [Test]
    public void Traces_that_are_not_the_stages_are_not_joined()
    {
        Stages("parts", ["--plan", "plan"]);
        Stages("others", ["--plan", "plan"], guilty: 2, fault: "skip:n_b2");
        string[] compose = ["compose", "--statement", "S", "-o", "parts/X", "--output-trace", "parts/XT", .. Of("--stage", "parts/R1", "parts/R2", "parts/R3")];
        Assert.That(_shell.Refuses(2, [.. compose, .. Of("--trace", "parts/T1", "others/T2", "parts/T3")]), Does.Contain("'others/T2' is not the trace"));
        Assert.That(_shell.Refuses(2, [.. compose, .. Of("--trace", "parts/T1", "T", "parts/T3")]), Does.Contain("'T' is not the trace"));
        Assert.That(_shell.Refuses(2, [.. compose, .. Of("--trace", "parts/T1", "parts/T2")]), Does.Contain("no stage's trace has record"));
        JsonElement second = Plan().GetProperty("stages")[1];
        (int first, int last) = (second.GetProperty("first").GetInt32(), second.GetProperty("end").GetInt32() - 1);
        byte[] bytes = File.ReadAllBytes(At("parts/T2"));
        byte[] value = TensorFile.ReadRaw(At($"parts/values/{last}.0.pb")).Bytes.ToArray();
        bytes[bytes.AsSpan().IndexOf(value)] ^= 1;
        File.WriteAllBytes(At("parts/spoilt"), bytes);
        Assert.That(
            _shell.Refuses(2, [.. compose, .. Of("--trace", "parts/T1", "parts/spoilt", "parts/T3")]),
            Does.Contain($"records {first} to {last}, has not what it commits to as output 0 of record {last}"));
        byte[] inputs = File.ReadAllBytes(At("parts/T1"));
        byte[] input = TensorFile.ReadRaw(At("in/input_0.pb")).Bytes.ToArray();
        inputs[inputs.AsSpan().LastIndexOf(input)] ^= 1;
        File.WriteAllBytes(At("parts/inputs"), inputs);
        Assert.That(_shell.Refuses(2, [.. compose, .. Of("--trace", "parts/inputs", "parts/T2", "parts/T3")]), Does.Contain("other inputs"));
        Assert.That(File.Exists(At("parts/X")) || File.Exists(At("parts/XT")), Is.False);
        Says(0, [.. compose, .. Of("--trace", "parts/T1", "parts/T2", "parts/T3"), "--model", "model.onnx"]);

        static string[] Of(string option, params string[] files) => [.. files.SelectMany(file => new[] { option, file })];
    }

    [Test]
    public void A_receipt_is_not_there_before_what_it_hands_out()
    {
        File.WriteAllText(At("no-folder"), string.Empty);
        foreach (string option in (string[])["--given", "--output"])
        {
            _shell.Refuses(
                70, "run", "model.onnx", "--inputs", "in", "--statement", "S", "--receipt", "early", "--stage", "1/3", "--plan", "plan", option, "no-folder");
        }

        Assert.That(File.Exists(At("early")), Is.False);
    }

    [Test]
    public void The_drawing_has_every_node_and_the_cuts()
    {
        XElement drawing = XElement.Load(At("plan.svg"));
        string[] texts = [.. drawing.Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value)];
        Assert.That(texts.Count(text => text.Contains("Relu", StringComparison.Ordinal)), Is.GreaterThanOrEqualTo(6));
        Assert.That(texts.Count(text => text.EndsWith("768 B", StringComparison.Ordinal)), Is.EqualTo(2), "what crosses the two cuts");
        Assert.That(texts, Has.Some.StartsWith("stage 3/3: c"));
        Assert.That(texts, Has.Some.Contains("last ???<"), "what XML has no characters for");
    }

    [TestCase("{}", "hosts")]
    [TestCase("""{ "hosts": [] }""", "1 to 64 hosts")]
    [TestCase("""{ "hosts": [{ "name": "a", "devices": [{ "gflops": 1, "memory_bytes": 1, "memory_gbs": 0 }] }] }""", "not above 0")]
    [TestCase("""{ "hosts": [{ "name": "a", "devices": [{ "gflops": 1, "memory_bytes": 1, "memory_gbs": 1, "x": 1 }] }] }""", "'x'")]
    [TestCase("""{ "hosts": [{ "name": "a", "devices": [] }], "links": [{ "from": "a", "to": "b", "gbs": 1 }] }""", "no host 'b'")]
    [TestCase("""{ "hosts": [{ "name": "a", "devices": [{ "gflops": 1, "memory_bytes": 1, "memory_gbs": 1 }] }] }""", "lacks at least")]
    [TestCase("""{ "hosts": [null] }""", "null in 'hosts'")]
    [TestCase("""{ "hosts": [{ "name": "a", "devices": [null] }] }""", "null in 'devices'")]
    [TestCase("""{ "hosts": [{ "name": "a", "devices": [] }], "links": [null] }""", "null in 'links'")]
    [TestCase(
        """{ "hosts": [{ "name": "a", "devices": [{ "gflops": 1, "memory_bytes": 1, "memory_gbs": 1, "without": [null] }] }] }""", "null in 'without'")]
    public void Hosts_that_are_none_are_refused(string hosts, string why)
    {
        string file = $"{Guid.NewGuid()}.json";
        File.WriteAllText(At(file), hosts);
        Assert.That(_shell.Refuses(2, "plan", "model.onnx", "--inputs", "in", "--devices", file), Does.Contain(why));
    }

    // Runs three stages, one after the other, and composes them.
    private string Stages(string folder, string[] how, int guilty = 0, string fault = "")
    {
        Directory.CreateDirectory(At(folder));
        List<string> compose = ["compose", "--statement", "S", "-o", $"{folder}/R", "--output-trace", $"{folder}/T"];
        List<string> after = [];
        for (int stage = 1; stage <= 3; stage++)
        {
            Says(0, [
                "run", "model.onnx", "--inputs", "in", "--statement", "S", "--receipt", $"{folder}/R{stage}", "--trace", $"{folder}/T{stage}",
                "--stage", $"{stage}/3", .. how, "--taken", $"{folder}/values", "--given", $"{folder}/values", "--output", $"{folder}/out", .. after,
                .. stage == guilty ? (string[])["--inject-fault", fault] : [],
            ]);
            after.AddRange(["--after", $"{folder}/R{stage}"]);
            compose.AddRange(["--stage", $"{folder}/R{stage}", "--trace", $"{folder}/T{stage}"]);
        }

        Says(0, [.. compose]);
        return $"{folder}/R";
    }

    private JsonElement Plan() => JsonDocument.Parse(File.ReadAllText(At("plan"))).RootElement;

    private string At(string name) => Path.Combine(_folder, name);

    private JsonElement Says(int exit, params string[] arguments) => _shell.Says(exit, arguments);
}
