using System.Collections.Immutable;
using System.Text.RegularExpressions;

using NUnit.Framework;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Proving;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Verify;

namespace VerifiableCompute.Engine.Tests.Cli;

/// <summary>The executable of machine code, which VC_NATIVE_CLI names, says and writes what the same program says and writes on the runtime.</summary>
internal sealed partial class NativeTests
{
    private const string Beacon = "0f0e0d0c0b0a09080706050403020100ffeeddccbbaa99887766554433221100";

    // In this order: each reads what those before it wrote. {0} is the model's folder.
    private static readonly string[] Commands =
    [
        "--help",
        "nonsense",
        "devices",
        "devices --json",
        "inspect {0}/model.onnx --json",
        "run {0}/model.onnx --inputs {0}/test_data_set_0 --output plain --json",
        "statement {0}/model.onnx --inputs {0}/test_data_set_0 --samples 20 -o S --json",
        "run {0}/model.onnx --inputs {0}/test_data_set_0 --statement S --receipt R --trace T --output out --json",
        $"challenge --statement S --receipt R --beacon {Beacon} -o C --json",
        "prove --trace T --challenge C -o P --json",
        "verify --statement S --receipt R --challenge C --proof P --json",
        "run {0}/model.onnx --inputs {0}/test_data_set_0 --statement S --receipt R1 --trace T1 --inject-fault flip:7 --json",
        "audit {0}/model.onnx --inputs {0}/test_data_set_0 --statement S --receipt R1 --trace T1 --fraud-proof F --json",
        "verify --fraud-proof F --statement S --json",
        "inspect S --json",
        "inspect R --json",
        "inspect C --json",
        "inspect P",
        "inspect F --json",
        "plan {0}/model.onnx --devices hosts.json -o plan.json --svg plan.svg --json",
        "plan {0}/model.onnx --devices one.json",
        "plan {0}/model.onnx --devices wrong.json",
        "plan {0}/model.onnx --devices null.json",
        "run {0}/model.onnx --inputs {0}/test_data_set_0 --statement S --receipt G --stage 1/1 --devices one.json --given given --json",
        "compose --statement S --stage G -o W --json",
        "conformance {0} --json",
        "selftest --json",
        "bench {0}/model.onnx --seconds 0 --policy compact --suite blake3 --json",
    ];

    private string _native = string.Empty;

    [OneTimeSetUp]
    public void Find()
    {
        _native = Environment.GetEnvironmentVariable("VC_NATIVE_CLI") ?? string.Empty;
        if (_native.Length == 0)
        {
            Assert.Ignore("VC_NATIVE_CLI names no executable of machine code");
        }

        Assert.That(File.Exists(_native), _native);
    }

    [Test]
    public void It_says_and_writes_the_same()
    {
        string model = Path.Combine(TestData.Folder("models-open"), "models-open", "mlperf-resnet8-f32");
        using Onnx.Folder folder = new();
        string[] places = [Path.Combine(folder.Root, "runtime"), Path.Combine(folder.Root, "machine")];
        foreach (string place in places)
        {
            Directory.CreateDirectory(place);
            foreach ((string name, string text) in Hosts())
            {
                File.WriteAllText(Path.Combine(place, name), text);
            }
        }

        foreach (string command in Commands)
        {
            string[] arguments = [.. command.Split(' ').Select(word => word.Replace("{0}", model, StringComparison.Ordinal))];
            (int exit, string output, string error) = new Shell(places[0]).Run(arguments);
            (int Exit, string Output, string Error) machine = new Shell(places[1], _native).Run(arguments);
            Assert.That(machine.Exit, Is.EqualTo(exit), $"{command}: {error}{machine.Error}");
            Assert.That(Timeless(machine.Output), Is.EqualTo(Timeless(output)), command);
            Assert.That(machine.Error, Is.EqualTo(error), command);
        }

        string[] files = [.. Directory.EnumerateFiles(places[0], "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(places[0], file))];
        Assert.That(files, Is.SupersetOf(["T", "F", "W", "plan.svg"]));
        foreach (string file in files)
        {
            Assert.That(File.ReadAllBytes(Path.Combine(places[1], file)), Is.EqualTo(File.ReadAllBytes(Path.Combine(places[0], file))), file);
        }
    }

    [Test]
    public void Its_receipts_are_the_pinned_ones([Values("mnist-cntk-op8", "mlperf-resnet8-f32", "mlperf-resnet8-int8-qdq")] string name)
    {
        string model = Path.Combine(TestData.Folder("models-open"), "models-open", name);
        ImmutableArray<Tensor> inputs = Conformance.ReadSet(Path.Combine(model, "test_data_set_0"), "input");
        Engine.Graphs.Graph graph = OnnxModel.Load(Path.Combine(model, "model.onnx")).Specialize(inputs);
        string[][] pinned =
        [
            .. File.ReadLines(Path.Combine(TestData.Root, "Engine.Tests", "Onnx", "PinnedReceipts.tsv"))
                .Select(line => line.Split('\t')).Where(row => row[0] == name),
        ];
        Assert.That(pinned, Has.Length.EqualTo(6));
        using Onnx.Folder folder = new();
        foreach (string[] row in pinned)
        {
            Policy policy = new[] { Policy.Atomic, Policy.Compact, Policy.Compact2 }.Single(policy => policy.Name() == row[1]);
            StatementFile statement = new Committer(PlainHasher.Instance).State(
                Lowerer.Lower(graph, policy), inputs, Scene.Template(policy, Enum.Parse<Suite>(row[2]), 1, name));
            folder.Write("S", statement.ToArray());
            string id = new Shell(folder.Root, _native).Says(
                0, "run", Path.Combine(model, "model.onnx"), "--inputs", Path.Combine(model, "test_data_set_0"), "--statement", "S", "--receipt", "R")
                .GetProperty("receipt_id").GetString()!;
            Assert.That(id, Is.EqualTo(row[3]), $"{row[1]}, {row[2]}");
        }
    }

    private static IEnumerable<(string Name, string Text)> Hosts()
    {
        const string Device = """{"name":"cpu","gflops":{"product":120,"integer":200,"other":10},"memory_bytes":134217728,"memory_gbs":20}""";
        const string Host = """{"name":"a","devices":[""" + Device + "]}";
        yield return ("hosts.json", """{"hosts":[""" + Host + "," + Host.Replace("\"a\"", "\"b\"", StringComparison.Ordinal) + """],"link":{"gbs":1}}""");
        yield return ("one.json", """/* one */ {"hosts":[""" + Host + "]}");
        yield return ("wrong.json", """{"hosts":[],"guests":[]}""");
        yield return ("null.json", """{"hosts":[{"name":null,"devices":[]}]}""");
    }

    // What a clock, the machine's load or the way of compiling decides.
    private static string Timeless(string text) => Measured().Replace(text, "$1-");

    [GeneratedRegex(
        """("\w*(?:milliseconds|resident_bytes|empty_bytes|gflops|peak_share|memory_gbs|overhead|runs|quartiles|ops|top)":)(\[.*?\]|[-+.0-9Ee]+)""")]
    private static partial Regex Measured();
}
