using System.Globalization;

using NUnit.Framework;

using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Onnx;

/// <summary>Models with a state, step by step: what a step gives is what the next one takes, and every step agrees with another engine's.</summary>
internal sealed class ChainTests
{
    private const double Relative = 1e-3;
    private const double Absolute = 1e-5;

    // Which input of the next step an output is: name by name, or by what replaces the beginning of a name.
    private static readonly (string Model, (string Output, string Input)[] State)[] Chains =
    [
        ("stories260K/onnx_kv", [("present_", "past_")]),
        ("stories260K/onnx_opset23", [("present_", "past_")]),
        ("dtln-1-lstm", [("tf_op_layer_stack_2", "input_3")]),
        ("silero-vad-16k-op15", [("stateN", "state")]),
    ];

    [Test]
    public void Steps_chained_agree_with_the_oracle([Range(0, 3)] int chain)
    {
        (string name, (string Output, string Input)[] state) = Chains[chain];
        string folder = Path.Combine(TestData.Folder("models-open"), "models-open", name);
        OnnxModel model = OnnxModel.Load(Path.Combine(folder, "model.onnx"));
        using CpuBackend backend = new(2);
        Conformance conformance = new(Relative, Absolute);
        Dictionary<string, Tensor> carried = [];
        double largest = 0;
        int steps = 0;
        while (Path.Combine(folder, $"test_data_set_{steps}") is string set && Directory.Exists(set))
        {
            Dictionary<string, Tensor> inputs = model.Inputs.Zip(Conformance.ReadSet(set, "input")).ToDictionary(pair => pair.First.Name, pair => pair.Second);
            foreach ((string input, Tensor value) in carried)
            {
                Assert.That(value.Type, Is.EqualTo(inputs[input].Type), $"step {steps}, {input}: the sets are steps of one run");
                inputs[input] = value;
            }

            Graph graph = model.Specialize(inputs);
            Tensor[] outputs = [.. new Executor(graph, backend).Run(OnnxModel.Bind(graph, inputs))];
            carried.Clear();
            foreach ((GraphOutput output, Tensor ours, Tensor expected) in graph.Outputs.Zip(outputs, Conformance.ReadSet(set, "output")))
            {
                Assert.That(conformance.Compare(ours, expected, ref largest), Is.Empty, $"step {steps}, {output.Name}");
                foreach ((string from, string to) in state.Where(pair => output.Name.StartsWith(pair.Output, StringComparison.Ordinal)))
                {
                    carried.Add(to + output.Name[from.Length..], ours);
                }
            }

            Assert.That(carried, Is.Not.Empty);
            steps++;
        }

        Assert.That(steps, Is.GreaterThan(1));
        TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {steps} steps, largest difference {largest:G3}"));
    }
}
