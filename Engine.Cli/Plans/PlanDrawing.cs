using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using System.Linq;
using System.Security;
using System.Text;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Planning;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Cli.Plans;

/// <summary>Draws a plan as SVG. Stages are columns from left to right. In each its nodes lie in layers, a node below all that it reads; of a graph of more
/// nodes than can be read, a column says what is in it. What crosses a cut is an edge between columns, with its bytes.</summary>
internal sealed class PlanDrawing
{
    private const int MostNodes = 160;
    private const int MostAcross = 4;
    private const int MostRows = 24;
    private const int NodeWidth = 96;
    private const int NodeHeight = 22;
    private const int Gap = 12;
    private const int Between = 190;
    private const int Head = 64;
    private const int ShownOps = 12;
    private const int ShownEdges = 12;

    private static readonly string[] Colours = ["#cfe3f6", "#d9efcf", "#fbe5c3", "#ead7f2", "#f8d3d3", "#cfeeee", "#efe9c6", "#dddddd"];

    private readonly StringBuilder _svg = new();
    private readonly Graph _graph;
    private readonly Cuts _cuts;
    private readonly Cluster _cluster;
    private readonly Partition _partition;
    private readonly bool _isLarge;
    private readonly Dictionary<int, (int X, int Y)> _places = [];

    private PlanDrawing(Graph graph, Cuts cuts, Cluster cluster, Partition partition)
    {
        _graph = graph;
        _cuts = cuts;
        _cluster = cluster;
        _partition = partition;
        _isLarge = graph.Nodes.Count(node => node.Op is not View) > MostNodes;
    }

    internal static string Draw(Graph graph, Cuts cuts, Cluster cluster, Partition partition) => new PlanDrawing(graph, cuts, cluster, partition).Draw();

    private string Draw()
    {
        int x = Gap;
        int height = 0;
        List<(int X, int Width)> columns = [];
        foreach (PipelineStage stage in _partition.Stages)
        {
            (int width, int high) = _isLarge ? ((2 * NodeWidth) + (2 * Gap), Head + (ShownOps * 16) + Gap) : Layers(stage, x);
            columns.Add((x, width));
            height = int.Max(height, high);
            x += width + Between;
        }

        int[] crossing = [.. _partition.Stages.Select(stage => _cuts.Crossing(stage.End).Length)];
        int edges = int.Min(crossing.Max(), ShownEdges + 1) * 30;
        height = int.Max(height, Head + edges + Gap);
        for (int stage = 0; stage < columns.Count; stage++)
        {
            Column(stage, columns[stage], height);
        }

        Edges();
        for (int stage = 0; stage + 1 < columns.Count; stage++)
        {
            Cut(_partition.Stages[stage], columns[stage].X + columns[stage].Width, columns[stage + 1].X);
        }

        Nodes();
        int wide = x - Between + Gap;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{wide}\" height=\"{height + (2 * Gap)}\" viewBox=\"0 0 {wide} {height + (2 * Gap)}\" ")
            + "font-family=\"sans-serif\" font-size=\"11\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n" + _svg + "</svg>\n";
    }

    // Places of a stage's nodes: each in the layer below the lowest that it reads; a layer of many nodes is several rows.
    private (int Width, int Height) Layers(PipelineStage stage, int x)
    {
        Dictionary<int, int> depths = [];
        for (int node = stage.First; node < stage.End; node++)
        {
            if (_graph.Nodes[node].Op is not View)
            {
                depths[node] = 1 + Sources(node).Select(source => depths.GetValueOrDefault(source, -1)).DefaultIfEmpty(-1).Max();
            }
        }

        // Columns that would be long are folded: the next layers begin at the top again, on the right.
        int[][] rows = [.. depths.GroupBy(pair => pair.Value, pair => pair.Key).OrderBy(group => group.Key).SelectMany(group => group.Chunk(MostAcross))];
        int left = x + Gap;
        foreach (int[][] fold in rows.Chunk(MostRows))
        {
            for (int row = 0; row < fold.Length; row++)
            {
                for (int i = 0; i < fold[row].Length; i++)
                {
                    _places[fold[row][i]] = (left + (i * (NodeWidth + Gap)), Gap + Head + (row * (NodeHeight + Gap)));
                }
            }

            left += fold.Max(row => row.Length) * (NodeWidth + Gap);
        }

        return (int.Max(left - x, (2 * NodeWidth) + (3 * Gap)), Head + (int.Min(rows.Length, MostRows) * (NodeHeight + Gap)) + Gap);
    }

    private void Column(int index, (int X, int Width) column, int height)
    {
        PipelineStage stage = _partition.Stages[index];
        Box(column.X, Gap, column.Width, height, 8, Colours[index % Colours.Length]);
        string title = $"stage {index + 1}/{_partition.Stages.Length}: {_cluster.Hosts[stage.Host].Name}";
        Text(column.X + Gap, Gap + 18, title, "font-weight=\"bold\" font-size=\"13\"");
        Text(column.X + Gap, Gap + 34, string.Create(CultureInfo.InvariantCulture, $"nodes {stage.First} to {stage.End - 1}, {stage.Time / 1e9:0.000} ms"));
        string memory = Report.Bytes(stage.Memory.Max(memory => memory?.Bytes ?? 0));
        Text(column.X + Gap, Gap + 50, stage.Time == _partition.Slowest ? $"{memory}, the bottleneck" : memory);
        int line = 0;
        foreach ((string op, int count) in _isLarge ? Counts(stage) : [])
        {
            Text(column.X + Gap, Gap + Head + 12 + (16 * line++), string.Create(CultureInfo.InvariantCulture, $"{count} {op}"));
        }
    }

    private (string Op, int Count)[] Counts(PipelineStage stage)
    {
        (string Op, int Count)[] ops = [.. _cuts.Nodes(stage.First, stage.End).Select(node => _graph.Nodes[node].Op).Where(op => op is not View)
            .GroupBy(op => op.Name).Select(group => (group.Key, group.Count())).OrderByDescending(pair => pair.Item2)];
        return ops.Length <= ShownOps ? ops : [.. ops[..(ShownOps - 1)], ("others", ops[(ShownOps - 1)..].Sum(pair => pair.Count))];
    }

    // Within a stage; what crosses is drawn by its cut.
    private void Edges()
    {
        foreach ((int node, (int x, int y)) in _places)
        {
            foreach (int source in Sources(node).Distinct())
            {
                if (_places.TryGetValue(source, out (int X, int Y) from) && StageOf(source) == StageOf(node))
                {
                    Line(from.X + (NodeWidth / 2), from.Y + NodeHeight, x + (NodeWidth / 2), y, "#999");
                }
            }
        }
    }

    private void Cut(PipelineStage stage, int left, int right)
    {
        ImmutableArray<ValueRef> crossing = _cuts.Crossing(stage.End);
        for (int i = 0; i < int.Min(crossing.Length, ShownEdges); i++)
        {
            int y = Gap + Head + 16 + (30 * i);
            ValueRef value = crossing[i];
            if (_places.TryGetValue(value.Index, out (int X, int Y) from) && value.Index >= stage.First)
            {
                Line(from.X + NodeWidth, from.Y + (NodeHeight / 2), left, y, "#b04040");
            }

            Line(left, y, right, y, "#b04040");
            TensorType type = _graph.TypeOf(value);
            string name = string.Create(CultureInfo.InvariantCulture, $"{value.Index}.{value.Slot}: {Report.Bytes(type.Bytes)}");
            Text(left + 6, y - 4, name, "fill=\"#802020\"", $"{_graph.Nodes[value.Index].Name} {type}");
            foreach ((int node, (int toX, int toY)) in _places.Where(pair => Sources(pair.Key).Contains(value.Index) && pair.Key >= stage.End
                && StageOf(pair.Key) == StageOf(stage.End)))
            {
                Line(right, y, toX, toY + (NodeHeight / 2), "#d0a0a0");
            }
        }

        if (crossing.Length > ShownEdges)
        {
            long bytes = crossing.Skip(ShownEdges).Sum(value => _graph.TypeOf(value).Bytes);
            string more = string.Create(CultureInfo.InvariantCulture, $"{crossing.Length - ShownEdges} more: {Report.Bytes(bytes)}");
            Text(left + 6, Gap + Head + 12 + (30 * ShownEdges), more, "fill=\"#802020\"");
        }
    }

    private void Nodes()
    {
        foreach ((int node, (int x, int y)) in _places)
        {
            int device = _partition.Placements[_partition.Stages[StageOf(node)].Host].Devices[node];
            Box(x, y, NodeWidth, NodeHeight, 4, device == 0 ? "#ffffff" : "#fff3a8");
            string text = $"{node} {_graph.Nodes[node].Op.Name}";
            Text(x + 4, y + 15, text.Length > 16 ? text[..15] + "…" : text, "", $"{_graph.Nodes[node].Name} {string.Join(", ", _graph.Nodes[node].Outputs)}");
        }
    }

    // The nodes that a node reads, through views.
    private IEnumerable<int> Sources(int node) => _graph.Nodes[node].Inputs.Select(input => _graph.Resolve(input).Source)
        .Where(source => source.Kind == ValueKind.Node).Select(source => source.Index);

    private int StageOf(int node)
    {
        int stage = 0;
        while (_partition.Stages[stage].End <= node)
        {
            stage++;
        }

        return stage;
    }

    private void Line(int fromX, int fromY, int toX, int toY, string colour) =>
        Add($"<line x1=\"{fromX}\" y1=\"{fromY}\" x2=\"{toX}\" y2=\"{toY}\" stroke=\"{colour}\"/>");

    private void Box(int x, int y, int width, int height, int round, string colour) =>
        Add($"<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"{round}\" fill=\"{colour}\" stroke=\"#666\"/>");

    // Names are a stranger's. Of what XML has no characters for, each becomes a question mark.
    private void Text(int x, int y, string text, string style = "", string title = "")
    {
        static bool IsPlain(char letter) => !char.IsControl(letter) && !char.IsSurrogate(letter) && letter < '\uFFFE';
        static string Safe(string text) => SecurityElement.Escape(string.Concat(text.Select(letter => IsPlain(letter) ? letter : '?')));
        string tip = title.Length == 0 ? string.Empty : $"<title>{Safe(title)}</title>";
        Add($"<text x=\"{x}\" y=\"{y}\" {style}>{tip}{Safe(text)}</text>");
    }

    private void Add(FormattableString line) => _svg.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
