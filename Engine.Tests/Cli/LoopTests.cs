using System.Text.Json;

using Google.Protobuf;

using NUnit.Framework;

using VerifiableCompute.Engine.Onnx.Schema;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Onnx;

namespace VerifiableCompute.Engine.Tests.Cli;

/// <summary>The whole loop as its users run it: one process a command, files in between, exit codes and JSON.</summary>
internal sealed class LoopTests
{
    private const int Tokens = 3;
    private const int Width = 320;
    private const string Beacon = "0f0e0d0c0b0a09080706050403020100ffeeddccbbaa99887766554433221100";

    private string _folder = string.Empty;

    [OneTimeSetUp]
    public void Make()
    {
        _folder = Directory.CreateTempSubdirectory("vcompute-loop-").FullName;
        Adversarial random = new(5);
        byte[] Weight(int elements)
        {
            float[] values = [.. Enumerable.Range(0, elements).Select(_ => (random.Below(2001) - 1000) / 3000f)];
            return [.. System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(values)];
        }

        GraphProto graph = Made.Graph(
            [Made.Value("x", DType.F32, Tokens, Width)],
            [Made.Value("y", DType.F32, Tokens, Width)],
            Made.Node("MatMul", ["x", "w"], ["a"]),
            Made.Node("Relu", ["a"], ["b"]),
            Made.Node("MatMul", ["b", "w"], ["y"]));
        graph.Initializer.Add(Made.Raw("w", DType.F32, [Width, Width], Weight(Width * Width)));
        File.WriteAllBytes(At("model.onnx"), Made.Model(graph).ToByteArray());
        Directory.CreateDirectory(At("in"));
        File.WriteAllBytes(At("in/input_0.pb"), Made.Raw("x", DType.F32, [Tokens, Width], Weight(Tokens * Width)).ToByteArray());
        Says(0, "statement", "model.onnx", "--inputs", "in", "--samples", "20", "-o", "S");
        Says(0, "run", "model.onnx", "--inputs", "in", "--statement", "S", "--receipt", "R", "--trace", "T", "--output", "out");
        Says(0, "challenge", "--statement", "S", "--receipt", "R", "--beacon", Beacon, "-o", "C");
        Says(0, "prove", "--trace", "T", "--challenge", "C", "-o", "P");
    }

    [OneTimeTearDown]
    public void Remove() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void An_honest_run_is_valid()
    {
        JsonElement verdict = Says(0, "verify", "--statement", "S", "--receipt", "R", "--challenge", "C", "--proof", "P");
        Assert.That(verdict.GetProperty("verdict").GetString(), Is.EqualTo("Valid"));
        Assert.That(verdict.GetProperty("text").GetString(), Does.Contain("recorded before round"));
        Says(0, "audit", "model.onnx", "--inputs", "in", "--statement", "S", "--receipt", "R", "--trace", "T");
        Assert.That(File.Exists(At("out/output_0.pb")));
    }

    [Test]
    public void Receipts_are_equal_on_every_device_and_number_of_threads()
    {
        string Id(params string[] how) => Says(
            0, ["run", "model.onnx", "--inputs", "in", "--statement", "S", "--receipt", "R2", .. how]).GetProperty("receipt_id").GetString()!;
        string first = Id("--threads", "1");
        Assert.That(Id("--threads", "2"), Is.EqualTo(first));
        Assert.That(Id("--device", "reference"), Is.EqualTo(first));
    }

    [Test]
    public void A_flipped_bit_is_convicted_and_an_honest_receipt_is_not()
    {
        JsonElement run = Says(
            0, "run", "model.onnx", "--inputs", "in", "--statement", "S", "--receipt", "R1", "--trace", "T1", "--inject-fault", "flip:7");
        Says(1, "audit", "model.onnx", "--inputs", "in", "--statement", "S", "--receipt", "R1", "--trace", "T1", "--fraud-proof", "F");
        JsonElement verdict = Says(1, "verify", "--fraud-proof", "F", "--statement", "S");
        Assert.That(verdict.GetProperty("reason").GetString(), Is.EqualTo("WrongElement"));
        Assert.That(verdict.GetProperty("receipt_id").GetString(), Is.EqualTo(run.GetProperty("receipt_id").GetString()));
        Says(2, "verify", "--statement", "S", "--receipt", "R1", "--challenge", "C", "--proof", "P");
    }

    [Test]
    public void Skipping_a_node_is_found_by_a_spot_check()
    {
        Says(0, "run", "model.onnx", "--inputs", "in", "--statement", "S", "--receipt", "R3", "--trace", "T3", "--inject-fault", "skip:n_b");
        Says(0, "challenge", "--statement", "S", "--receipt", "R3", "--beacon", Beacon, "-o", "C3");
        Says(0, "prove", "--trace", "T3", "--challenge", "C3", "-o", "P3");
        Says(1, "verify", "--statement", "S", "--receipt", "R3", "--challenge", "C3", "--proof", "P3");
    }

    [Test]
    public void What_cannot_be_read_has_a_verdict_too([Values("S", "R", "C", "P")] string spoiled)
    {
        byte[] bytes = File.ReadAllBytes(At(spoiled));
        File.WriteAllBytes(At("spoiled"), bytes[..^1]);
        string Given(string name) => name == spoiled ? "spoiled" : name;
        JsonElement verdict = Says(
            2, "verify", "--statement", Given("S"), "--receipt", Given("R"), "--challenge", Given("C"), "--proof", Given("P"));
        Assert.That(verdict.GetProperty("verdict").GetString(), Is.EqualTo("Unverifiable"));
        Assert.That(verdict.GetProperty("reason").GetString(), Is.EqualTo("Malformed"));
    }

    [Test]
    public void Without_a_statement_nothing_is_shown()
    {
        JsonElement verdict = Says(2, "verify", "--receipt", "R", "--challenge", "C", "--proof", "P");
        Assert.That(verdict.GetProperty("reason").GetString(), Is.EqualTo("Incomplete"));
    }

    [Test]
    public void Faults_are_for_tests_only()
    {
        Says(0, "statement", "model.onnx", "--inputs", "in", "--domain", "mainnet", "-o", "S4");
        (int exit, _, string error) = Run("run", "model.onnx", "--inputs", "in", "--statement", "S4", "--receipt", "R4", "--inject-fault", "flip");
        Assert.That(exit, Is.EqualTo(64));
        Assert.That(error, Does.Contain("refused outside the domain 'test'"));
        Assert.That(File.Exists(At("R4")), Is.False);
    }

    private string At(string name) => Path.Combine(_folder, name);

    private JsonElement Says(int exit, params string[] arguments) => new Shell(_folder).Says(exit, arguments);

    private (int Exit, string Output, string Error) Run(params string[] arguments) => new Shell(_folder).Run(arguments);
}
