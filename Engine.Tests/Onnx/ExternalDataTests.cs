using System.Runtime.InteropServices;

using Google.Protobuf;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Onnx.Schema;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Onnx;

/// <summary>Weights in files beside the model: read from there, and from nowhere else.</summary>
internal sealed class ExternalDataTests
{
    private static readonly float[] Weights = [1, 2, 3, 4, 5, 6];

    [TestCase("w.bin", "0", null)]
    [TestCase("w.bin", "8", "16")]
    [TestCase("sub/w.bin", "4", "16")]
    public void Weights_are_read_from_the_models_folder(string location, string offset, string? length)
    {
        using Folder folder = Prepared();
        List<(string, string)> entries = [("location", location), ("offset", offset), ("checksum", "ignored")];
        if (length is not null)
        {
            entries.Add(("length", length));
        }

        string path = folder.Write("model.onnx", Model([.. entries]).ToByteArray());
        Graph graph = OnnxModel.Load(path).Specialize(Tensor.Of<float>(DType.F32, new Shape(4), 0, 0, 0, 0));
        Tensor y = new Executor(graph, new ReferenceBackend()).Run([Tensor.Of<float>(DType.F32, new Shape(4), 0, 0, 0, 0)])[0];
        int first = int.Parse(offset, System.Globalization.CultureInfo.InvariantCulture) / sizeof(float);
        Assert.That(y.As<float>().ToArray(), Is.EqualTo(Weights[first..(first + 4)]));
    }

    private static IEnumerable<TestCaseData> Refused()
    {
        yield return new TestCaseData("'../w.bin' leaves the model's folder", "../w.bin").SetName("up");
        yield return new TestCaseData("'./sub/../w.bin' leaves the model's folder", "./sub/../w.bin").SetName("up within the folder");
        yield return new TestCaseData("'sub/../../w.bin' leaves the model's folder", "sub/../../w.bin").SetName("down and up");
        yield return new TestCaseData("'..\\w.bin' leaves the model's folder", "..\\w.bin").SetName("up, backslash");
        yield return new TestCaseData("'/etc/hostname' leaves the model's folder", "/etc/hostname").SetName("absolute");
        yield return new TestCaseData("'C:\\w.bin' leaves the model's folder", "C:\\w.bin").SetName("drive");
        yield return new TestCaseData("'escape.bin' leaves the model's folder", "escape.bin").SetName("link to a file outside");
        yield return new TestCaseData("'out/w.bin' leaves the model's folder", "out/w.bin").SetName("link to a folder outside");
    }

    [TestCaseSource(nameof(Refused))]
    public void Path_out_of_the_folder_is_refused(string message, string location)
    {
        using Folder outside = Prepared();
        using Folder folder = Prepared();
        File.CreateSymbolicLink(Path.Combine(folder.Root, "escape.bin"), Path.Combine(outside.Root, "w.bin"));
        Directory.CreateSymbolicLink(Path.Combine(folder.Root, "out"), outside.Root);
        Assert.That(Refusal(folder, Model([("location", location)])), Is.EqualTo($"initializer 'w': external location {message}"));
    }

    [Test]
    public void Link_within_the_folder_is_followed()
    {
        using Folder folder = Prepared();
        File.CreateSymbolicLink(Path.Combine(folder.Root, "link.bin"), "sub/w.bin");
        string path = folder.Write("model.onnx", Model([("location", "link.bin")]).ToByteArray());
        Assert.That(OnnxModel.Load(path).ParameterBytes, Is.EqualTo(16));
    }

    [Test]
    public void Model_reached_through_a_link_finds_its_data()
    {
        using Folder folder = Prepared();
        using Folder elsewhere = new();
        folder.Write("model.onnx", Model([("location", "w.bin")]).ToByteArray());
        Directory.CreateSymbolicLink(Path.Combine(elsewhere.Root, "here"), folder.Root);
        Assert.That(OnnxModel.Load(Path.Combine(elsewhere.Root, "here", "model.onnx")).ParameterBytes, Is.EqualTo(16));
    }

    [TestCase("w.bin", "12", "16", "bytes 12 to 28 of 'w.bin' lie outside its 24 bytes")]
    [TestCase("w.bin", "9223372036854775807", "16", "bytes 9223372036854775807 to 9223372036854775823 of 'w.bin' lie outside its 24 bytes")]
    [TestCase("w.bin", "0", "15", "f32[4] needs 16 bytes of external data, got 15")]
    [TestCase("w.bin", "-1", "16", "external offset '-1' or length '16' is not a number")]
    [TestCase("w.bin", "0x1", "16", "external offset '0x1' or length '16' is not a number")]
    [TestCase("w.bin", "99999999999999999999", "16", "external offset '99999999999999999999' or length '16' is not a number")]
    [TestCase("none.bin", "0", "16", "external file 'none.bin' does not exist")]
    [TestCase("sub", "0", "16", "external file 'sub' does not exist")]
    [TestCase("", "0", "16", "external data without a location")]
    public void Place_that_is_not_in_a_file_is_refused(string location, string offset, string length, string message)
    {
        using Folder folder = Prepared();
        Assert.That(
            Refusal(folder, Model([("location", location), ("offset", offset), ("length", length)])), Is.EqualTo($"initializer 'w': {message}"));
    }

    [Test]
    public void Overlapping_tensors_cannot_multiply_a_file()
    {
        using Folder folder = Prepared();
        ModelProto model = Model([("location", "w.bin"), ("offset", "0")]);
        model.Graph.Initializer.Add(Made.External("same", [4], ("location", "w.bin"), ("offset", "0")));
        string path = folder.Write("model.onnx", model.ToByteArray());
        Assert.That(OnnxModel.Load(path).ParameterBytes, Is.EqualTo(32), "the same place twice is shared");
        model.Graph.Initializer.Add(Made.External("over", [4], ("location", "w.bin"), ("offset", "4")));
        Assert.That(
            Refusal(folder, model),
            Is.EqualTo("initializer 'over': the tensors in 'w.bin' overlap: together they take more than its 24 bytes"));
    }

    [Test]
    public void NaNs_in_a_file_are_made_canonical()
    {
        using Folder folder = new();
        folder.Write("w.bin", [.. MemoryMarshal.AsBytes([0xFFC00001u, 0x7F800001u, 0x3F800000u, 0x80000000u])]);
        string path = folder.Write("model.onnx", Model([("location", "w.bin")]).ToByteArray());
        Graph graph = OnnxModel.Load(path).Specialize(Tensor.Of<float>(DType.F32, new Shape(4), 0, 0, 0, 0));
        Assert.That(
            graph.Parameters.Single().Value.As<uint>().ToArray(), Is.EqualTo([0x7FC00000u, 0x7FC00000u, 0x3F800000u, 0x80000000u]));
    }

    private static Folder Prepared()
    {
        Folder folder = new();
        folder.Write("w.bin", [.. MemoryMarshal.AsBytes(Weights.AsSpan())]);
        folder.Write("sub/w.bin", [.. MemoryMarshal.AsBytes(Weights.AsSpan())]);
        return folder;
    }

    private static ModelProto Model((string Key, string Value)[] entries)
    {
        ModelProto model = Made.Model(Made.Graph([Made.Value("x", DType.F32, 4)], [Made.Value("y", DType.F32, 4)], Made.Node("Add", ["x", "w"], ["y"])));
        model.Graph.Initializer.Add(Made.External("w", [4], entries));
        return model;
    }

    private static string Refusal(Folder folder, ModelProto model)
    {
        string path = folder.Write("model.onnx", model.ToByteArray());
        return Assert.Throws<InvalidModelException>(() => OnnxModel.Load(path))!.Defects.Single();
    }
}
