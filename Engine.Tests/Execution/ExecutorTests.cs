using System.Collections.Immutable;
using System.Runtime.InteropServices;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Cli.Demo;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Planning;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Execution;

internal sealed class ExecutorTests
{
    private static readonly DecoderModel Small = new(2, 16, 2, 32, 40, 6);

    [Test]
    public void Living_values_never_share_a_buffer()
    {
        Graph graph = Small.Build();
        Plan plan = Planner.Plan(graph);
        Dictionary<int, (int From, int Until)> owner = [];
        for (int index = 0; index < graph.Nodes.Length; index++)
        {
            for (int slot = 0; slot < graph.Nodes[index].Outputs.Length; slot++)
            {
                int place = plan.Places[index][slot];
                if (place < 0)
                {
                    continue;
                }

                Assert.That(plan.Buffers[place], Is.GreaterThanOrEqualTo(graph.Nodes[index].Outputs[slot].Bytes));
                Assert.That(!owner.TryGetValue(place, out (int From, int Until) before) || before.Until < index, Is.True, graph.Nodes[index].Name);
                owner[place] = (index, LastUse(graph, new ValueRef(ValueKind.Node, index, slot), index));
            }
        }

        Assert.That(plan.ActivationBytes, Is.GreaterThanOrEqualTo(plan.LargestLiveBytes));
        Assert.That(plan.ActivationBytes, Is.LessThan(graph.Nodes.SelectMany(node => node.Outputs).Sum(type => type.Bytes) / 3), "buffers are used again");
    }

    [Test]
    public void A_run_is_repeatable_and_gives_away_what_it_returns()
    {
        Graph graph = Small.Build();
        using ReferenceBackend backend = new();
        Executor executor = new(graph, backend);
        Tensor first = executor.Run([Small.Prompt()]).Single();
        byte[] bytes = first.Bytes.ToArray();
        Tensor second = executor.Run([Small.Prompt()]).Single();
        Assert.That(second.Bytes.ToArray(), Is.EqualTo(bytes));
        Assert.That(first.Bytes.ToArray(), Is.EqualTo(bytes), "a later run does not touch an earlier result");
    }

    [Test]
    public void Memory_that_is_given_back_is_written_by_the_next_run_and_by_no_other()
    {
        GraphBuilder builder = new();
        ValueRef x = builder.Input("x", new TensorType(DType.F32, new Shape(2, 3)));
        ValueRef w = builder.Parameter("w", Tensor.Of<float>(DType.F32, new Shape(2), 5f, 6f));
        ValueRef sum = builder.Add("sum", Add.Instance, x, x);
        Graph graph = builder.Build(
        [
            new("x", x), new("w", w), new("turned", builder.Transpose("t", sum, 1, 0)), new("sum", sum), new("flat", builder.Reshape("f", sum, new Shape(6))),
        ]);
        using ReferenceBackend backend = new();
        Executor executor = new(graph, backend);
        ImmutableArray<Tensor> first = Run(1);
        byte[] memory = Memory(first[3]);
        executor.Recycle(first);
        Assert.That(() => first[3].As<float>().Length, Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => first[4].As<float>().Length, Throws.InstanceOf<ObjectDisposedException>(), "a view shares it");
        ImmutableArray<Tensor> second = Run(10);
        Assert.That(second[3].As<float>().ToArray(), Is.EqualTo(new float[] { 20, 22, 24, 26, 28, 30 }));
        Assert.That(Memory(second[3]), Is.SameAs(memory));
        Assert.That(Memory(second[4]), Is.SameAs(memory));
        Assert.That(first[0].As<float>().ToArray(), Is.EqualTo(new float[] { 1, 2, 3, 4, 5, 6 }), "inputs stay");
        Assert.That(first[1].As<float>().ToArray(), Is.EqualTo(new float[] { 5, 6 }), "parameters stay");
        Assert.That(first[2].As<float>().ToArray(), Is.EqualTo(new float[] { 2, 8, 4, 10, 6, 12 }), "copies stay");
        Assert.That(Memory(Run(20)[3]), Is.Not.SameAs(memory), "given back once, used once");
        Assert.That(second[3].As<float>().ToArray(), Is.EqualTo(new float[] { 20, 22, 24, 26, 28, 30 }));
        executor.Recycle(second);
        ImmutableArray<Tensor> watched = executor.Run([Of(30)], (_, _) => { }, progress: null, CancellationToken.None);
        Assert.That(Memory(watched[3]), Is.SameAs(memory), "runs that are watched use it, too");

        ImmutableArray<Tensor> Run(int from) => executor.Run([Of(from)]);
        static byte[] Memory(Tensor tensor) => MemoryMarshal.TryGetArray(tensor.Bytes, out ArraySegment<byte> segment) ? segment.Array! : [];
        static Tensor Of(int from) => Tensor.Of<float>(DType.F32, new Shape(2, 3), [.. Enumerable.Range(from, 6).Select(value => (float)value)]);
    }

    [Test]
    public void What_is_no_result_cannot_be_given_back()
    {
        Graph graph = Small.Build();
        using ReferenceBackend backend = new();
        Executor executor = new(graph, backend);
        Executor other = new(graph, backend);
        ImmutableArray<Tensor> outputs = executor.Run([Small.Prompt()]);
        ImmutableArray<Tensor> copy = [new Tensor(outputs[0].Type, outputs[0].Bytes.ToArray())];
        Assert.That(() => executor.Recycle([]), Throws.ArgumentException);
        Assert.That(() => executor.Recycle(copy), Throws.ArgumentException);
        Assert.That(() => other.Recycle(outputs), Throws.ArgumentException);
        executor.Recycle(outputs);
        Assert.That(() => executor.Recycle(outputs), Throws.ArgumentException, "given back before");
        executor.Run([Small.Prompt()]);
        Assert.That(() => executor.Recycle(outputs), Throws.ArgumentException, "its memory is another result's");
        Assert.That(
            () => executor.Run([Small.Prompt()], (_, _) => executor.Recycle(outputs), progress: null, CancellationToken.None),
            Throws.InvalidOperationException);
    }

    [Test]
    public void Outputs_may_be_inputs_parameters_and_views()
    {
        GraphBuilder builder = new();
        ValueRef x = builder.Input("x", new TensorType(DType.F32, new Shape(2, 2)));
        ValueRef w = builder.Parameter("w", Tensor.Of<float>(DType.F32, new Shape(2), 5f, 6f));
        ValueRef sum = builder.Add("sum", Add.Instance, x, builder.Expand("w", w, new Shape(2, 2)));
        Graph graph = builder.Build([new("x", x), new("w", w), new("turned", builder.Transpose("t", sum, 1, 0)), new("sum", sum)]);
        using ReferenceBackend backend = new();
        ImmutableArray<Tensor> outputs = new Executor(graph, backend).Run([Tensor.Of<float>(DType.F32, new Shape(2, 2), 1f, 2f, 3f, 4f)]);
        float[][] values = [.. outputs.Select(output => output.As<float>().ToArray())];
        Assert.That(values, Is.EqualTo(new float[][] { [1, 2, 3, 4], [5, 6], [6, 8, 8, 10], [6, 8, 8, 10] }));
    }

    [Test]
    public void Progress_is_told_and_a_cancelled_run_stops()
    {
        Graph graph = Small.Build();
        using ReferenceBackend backend = new();
        Executor executor = new(graph, backend);
        using CancellationTokenSource source = new();
        List<RunProgress> seen = [];
        Sink sink = new(report =>
        {
            seen.Add(report);
            if (report.Done == 5)
            {
                source.Cancel();
            }
        });
        Assert.That(() => executor.Run([Small.Prompt()], sink, source.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(seen.Select(report => report.Done), Is.EqualTo(Enumerable.Range(1, 5)));
        Assert.That(seen[0].Total, Is.EqualTo(graph.Nodes.Length));
    }

    [Test]
    public void A_set_that_changed_between_runs_is_what_the_next_run_shows()
    {
        Graph graph = Small.Build();
        using ReferenceBackend backend = new();
        ValueRef[] values = [.. Enumerable.Range(0, graph.Nodes.Length).Where(node => graph.Nodes[node].Op is not View)
            .Select(node => new ValueRef(ValueKind.Node, node)).Take(3)];
        HashSet<ValueRef> visible = [values[0]];
        Executor executor = new(graph, backend, visible);
        Assert.That(Shown(), Is.EqualTo(values[..1]));
        visible.Add(values[2]);
        Assert.That(Shown(), Is.EqualTo([values[0], values[2]]));
        visible.Clear();
        Assert.That(Shown(), Is.Empty);
        visible.Add(values[1]);
        Assert.That(Shown(), Is.EqualTo([values[1]]));
        visible.Clear();
        visible.Add(values[0]);
        Assert.That(Shown(), Is.EqualTo(values[..1]));

        List<ValueRef> Shown()
        {
            List<ValueRef> shown = [];
            executor.Run([Small.Prompt()], (value, _) => shown.Add(value), progress: null, CancellationToken.None, visible);
            return shown;
        }
    }

    [Test]
    public void Stages_that_do_not_ascend_are_refused()
    {
        GraphBuilder builder = new();
        ValueRef x = builder.Input("x", new TensorType(DType.F32, new Shape(2)));
        Graph graph = builder.Build([new("a", builder.Add("a", Neg.Instance, x)), new("b", builder.Add("b", Abs.Instance, x))]);
        using Staged backwards = new(Stage.Of(1), Stage.Of(0));
        using Staged within = new(new Stage([1, 0], [], []));
        Assert.That(() => new Executor(graph, backwards), Throws.InvalidOperationException.With.Message.Contains("ascend"));
        Assert.That(() => new Executor(graph, within), Throws.InvalidOperationException.With.Message.Contains("ascend"));
    }

    [Test]
    public void One_run_at_a_time()
    {
        Graph graph = Small.Build();
        using ReferenceBackend backend = new();
        Executor executor = new(graph, backend);
        Sink again = new(_ => executor.Run([Small.Prompt()]));
        Assert.That(() => executor.Run([Small.Prompt()], again), Throws.InvalidOperationException.With.Message.Contains("one run at a time"));
        Assert.That(executor.Run([Small.Prompt()]), Has.Length.EqualTo(1), "a run that failed is over");
    }

    [Test]
    public void The_plan_counts_what_a_run_holds()
    {
        Tensor weights = Tensor.Of<float>(DType.F32, new Shape(2, 3), 1f, 2f, 3f, 4f, 5f, 6f);
        GraphBuilder builder = new();
        ValueRef first = builder.Parameter("first", weights);
        ValueRef second = builder.Parameter("second", weights);
        ValueRef sum = builder.Add("sum", Add.Instance, first, second);
        ValueRef flat = builder.Reshape("flat", sum, new Shape(6));
        Plan plan = Planner.Plan(builder.Build([new("turned", builder.Transpose("t", sum, 1, 0)), new("flat", flat)]));
        Assert.Multiple(() =>
        {
            Assert.That(plan.ParameterBytes, Is.EqualTo(24), "one tensor, two names");
            Assert.That(plan.OutputBytes, Is.EqualTo(48), "the sum, and the copy that its turned view becomes");
            Assert.That(plan.PeakBytes, Is.EqualTo(72));
        });
    }

    [Test]
    public void Wrong_inputs_are_named()
    {
        Graph graph = Small.Build();
        using ReferenceBackend backend = new();
        Executor executor = new(graph, backend);
        Assert.Multiple(() =>
        {
            Assert.That(() => executor.Run([]), Throws.ArgumentException.With.Message.Contains("1 inputs, got 0"));
            Assert.That(
                () => executor.Run([Tensor.Of<float>(DType.F32, Shape.Scalar, 1f)]),
                Throws.ArgumentException.With.Message.Contains("input 'tokens' is i64[6], got f32[]"));
        });
    }

    private static int LastUse(Graph graph, ValueRef value, int last)
    {
        for (int index = 0; index < graph.Nodes.Length; index++)
        {
            bool uses = graph.Nodes[index].Op is not View && graph.Nodes[index].Inputs.Any(input => graph.Resolve(input).Source == value);
            last = uses ? index : last;
        }

        return last;
    }

    // Says that it has these stages.
    private sealed class Staged(params ImmutableArray<Stage> stages) : IBackend, IProgram
    {
        public string Name => "staged";

        public ImmutableArray<Stage> Stages => stages;

        public IProgram Load(Graph graph, IReadOnlySet<ValueRef> visible) => this;

        public void Run(NodeCall call, CancellationToken cancellation) => throw new NotSupportedException();

        public void Run(int stage, CancellationToken cancellation) => throw new NotSupportedException();

        public void Bind(ValueRef value, ReadOnlyMemory<byte> bytes)
        {
        }

        public void End()
        {
        }

        public void Dispose()
        {
        }
    }

    private sealed class Sink(Action<RunProgress> report) : IProgress<RunProgress>
    {
        public void Report(RunProgress value) => report(value);
    }
}
